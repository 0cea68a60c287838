namespace Images.Lab.Machines;

/// <summary>A name server of a user's own in a pod, at the address that the cluster's pods ask. Its program is the machine's own, as in <see cref="EchoPods"/>.</summary>
internal static class NameServerPod
{
    /// <summary>A Pod and the Service kube-dns; it knows one name of the namespace default.</summary>
    public static string Manifest(string clusterDns, string name, string address) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: own-dns, namespace: kube-system, labels: { app: own-dns } }
        spec:
          containers:
            - name: dnsmasq
              image: images.local/pause:1
              imagePullPolicy: Never
              securityContext: { runAsUser: 0 }
              command: [/usr/sbin/dnsmasq]
              args:
                - --keep-in-foreground
                - --conf-file=/dev/null
                - --pid-file=
                - --log-facility=-
                - --user=root
                - --no-hosts
                - --no-resolv
                - --address=/{{name}}.default.svc.cluster.local/{{address}}
              volumeMounts:
                - { name: usr, mountPath: /usr, readOnly: true }
                - { name: lib, mountPath: /lib, readOnly: true }
                - { name: lib64, mountPath: /lib64, readOnly: true }
                - { name: passwd, mountPath: /etc/passwd, readOnly: true }
                - { name: group, mountPath: /etc/group, readOnly: true }
          volumes:
            - { name: usr, hostPath: { path: /usr } }
            - { name: lib, hostPath: { path: /usr/lib } }
            - { name: lib64, hostPath: { path: /usr/lib64 } }
            - { name: passwd, hostPath: { path: /etc/passwd } }
            - { name: group, hostPath: { path: /etc/group } }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: kube-dns, namespace: kube-system }
        spec:
          clusterIP: {{clusterDns}}
          selector: { app: own-dns }
          ports:
            - { name: dns, port: 53, protocol: UDP }
            - { name: dns-tcp, port: 53, protocol: TCP }
        """;
}
