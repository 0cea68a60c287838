namespace Images.Baker.Ssh;

/// <summary>As what a machine must prove itself; its role's name in lower case is what it is asked for.</summary>
internal enum NodeRole
{
    Etcd,
    Master,
    Worker,
    Lb,
}
