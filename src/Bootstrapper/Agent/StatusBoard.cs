using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Agent;

/// <summary>The status document while the agent runs: each duty changes its own part of it.</summary>
internal sealed class StatusBoard(NodeRoot root, StatusDocument found)
{
    private readonly Lock _gate = new();
    private StatusDocument _document = found;

    public StatusDocument Document
    {
        get
        {
            lock (_gate)
            {
                return _document;
            }
        }
    }

    public void Change(Func<StatusDocument, StatusDocument> change)
    {
        lock (_gate)
        {
            _document = change(_document);
            StatusFile.Write(root, _document);
        }
    }
}
