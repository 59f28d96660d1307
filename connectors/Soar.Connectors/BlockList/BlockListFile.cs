using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Connectors.BlockList;

/// <summary>
/// The list on disk, beside the store. Changes that come together are one replacement of the file, flushed, before any of them counts as done; pollers see only what is on
/// disk. A file that cannot be read is never taken for an empty list.
/// </summary>
internal sealed class BlockListFile(string path, int most, TimeProvider clock)
{
    private readonly Lock gate = new();
    private List<Change> waiting = [];
    private bool writing;
    private BlockedEntries? current;

    public string Path => path;

    /// <summary>What is on disk. Throws a Permanent failure when the file is there and cannot be used.</summary>
    public BlockedEntries Current
    {
        get
        {
            lock (gate)
                return current ??= Load();
        }
    }

    /// <summary>
    /// Changes one address: <paramref name="decide"/> sees what stands at that moment and gives what shall stand (null: nothing). What then stands is returned once it is on disk.
    /// </summary>
    public async Task<BlockedEntry?> ChangeAsync(IpAddress address, Func<BlockedEntry?, BlockedEntry?> decide, CancellationToken cancellation)
    {
        var change = new Change(address, decide);
        lock (gate)
        {
            current ??= Load();
            waiting.Add(change);
            if (!writing)
            {
                writing = true;
                _ = Task.Run(WriteWaiting, CancellationToken.None);
            }
        }
        try
        {
            return await change.Done.Task.WaitAsync(cancellation);
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            lock (gate)
                if (waiting.Remove(change))
                    throw ConnectorFailure.Transient($"The block list was not changed: the attempt was ended while {path} was being written for others.", inner: e, reason: "cancelled");
            throw; // it is being written at this moment: nobody can tell
        }
    }

    private void WriteWaiting()
    {
        while (true)
        {
            List<Change> taken;
            lock (gate)
            {
                (taken, waiting) = (waiting, []);
                writing = taken.Count > 0;
                if (!writing)
                    return;
            }
            Write(taken);
        }
    }

    private void Write(List<Change> taken)
    {
        var now = clock.GetUtcNow();
        var done = new List<(Change Change, BlockedEntry? Entry)>();
        byte[]? file = null;
        try
        {
            var next = Current.Copy(now);
            foreach (var change in taken)
            {
                var standing = next.Find(change.Address, now);
                var entry = change.Decide(standing);
                if (entry is not null && standing is null && next.Count >= most)
                {
                    change.Done.SetException(ConnectorFailure.Permanent($"The block list is full: it holds {most} entries. Release some, or raise maxEntries if the firewalls take more.", reason: "full"));
                    continue;
                }
                next.Set(change.Address, entry);
                done.Add((change, entry));
            }
            file = next.Write();
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            Folders.Replace(path, file);
            lock (gate)
                current = next;
            done.ForEach(made => made.Change.Done.SetResult(made.Entry));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SoarException)
        {
            var failure = e as ConnectorFailure ?? Failed(e, file);
            foreach (var change in taken)
                change.Done.TrySetException(failure);
        }
    }

    // The file may be replaced and only its folder not be flushed: then it may or may not outlive a power cut.
    private ConnectorFailure Failed(Exception e, byte[]? file)
    {
        lock (gate)
            current = null; // read again
        var message = $"The block list {path} could not be written: {e.Message.TrimEnd('.')}. Is the disk full, or its folder not ours?";
        try
        {
            if (file is not null && File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(file))
                return ConnectorFailure.Unknown(message, e, "file");
        }
        catch (Exception again) when (again is IOException or UnauthorizedAccessException)
        {
            return ConnectorFailure.Unknown(message, e, "file");
        }
        return ConnectorFailure.Transient(message, inner: e, reason: "file");
    }

    private BlockedEntries Load()
    {
        try
        {
            return File.Exists(path) ? BlockedEntries.Read(File.ReadAllBytes(path)) : BlockedEntries.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw ConnectorFailure.Permanent($"The block list {path} cannot be read: {e.Message.TrimEnd('.')}. It is served to nobody, so that firewalls keep what they have. Mend or restore the file; take it away only to begin with an empty list.", e, "file");
        }
    }

    private sealed record Change(IpAddress Address, Func<BlockedEntry?, BlockedEntry?> Decide)
    {
        public TaskCompletionSource<BlockedEntry?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
