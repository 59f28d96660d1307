using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Alerts;

namespace Soar.Connectors.Suricata;

/// <summary>
/// Follows a log file line by line, over restarts and rotations by rename or by copy and truncation. The place is kept after what was read is on disk, so that a crash reads some lines again and
/// never leaves one out; the intake knows what it has. A line without its end waits for the rest. What follows may take time: the old file is read to its end before the new one is begun, and a
/// writer that still has the old one open is waited for.
/// </summary>
internal sealed class LogFollower(string path, string placeFile, bool readExisting, Action<ReadOnlyMemory<byte>, Hearing> readLine, int longestLine, HandOver intake, ConnectorServices services) : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly Hearing hearing = new();
    private byte[] buffer = new byte[256 * 1024];
    private LogFile? current;
    private LogPlace? place;
    private (long Length, long Written) seen = (-1, -1);
    private DateTimeOffset handedOver;
    private bool skipping;
    private string? told;

    /// <summary>Decides where it begins, so that whatever is written from now on is taken; then the task goes on until it is cancelled. What goes wrong with the file is told once and tried again.</summary>
    public async Task<Task> StartAsync(CancellationToken cancellation)
    {
        await TryAsync(() => BeginAsync(cancellation));
        return Task.Run(() => RunAsync(cancellation), CancellationToken.None);
    }

    public void Dispose() => current?.Dispose();

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await TryAsync(() => PassAsync(cancellation));
            await Task.Delay(Poll, services.Clock, cancellation);
        }
    }

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            told = null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The edge of a source: the file, its place, or a defect of ours. It stays where it is, says so, and is tried again; a source that ends in silence would be worse.
            current?.Dispose();
            current = null;
            if (told != e.Message)
                Log.NotFollowed(services.Log, services.Instance, told = e.Message);
        }
    }

    private async Task PassAsync(CancellationToken cancellation)
    {
        if (current is null && !await BeginAsync(cancellation))
            return;
        while (true)
        {
            var next = await ReadOnAsync(cancellation) ? Next() : null;
            // Its writer has gone over to the next one: what stands here now is all.
            if (next is not null && await ReadOnAsync(cancellation))
            {
                await LastLineAsync(cancellation);
                var finished = current!.Stamp;
                // Another one may have its name by now: then it is looked for again.
                if (Open(next))
                    Keep(current.Place([.. place!.Finished.Where(file => file.Written >= finished.Written), finished]));
                else if (!await FindAsync(cancellation))
                    return;
            }
            else if (seen == default)
            {
                // It was cut, and begins anew under the same name.
                if (!await FindAsync(cancellation))
                    return;
            }
            else if (next is null)
            {
                break;
            }
        }
        // What is only counted can wait a little.
        if (hearing.Any && services.Clock.GetUtcNow() - handedOver > TimeSpan.FromSeconds(5))
            await HandOverAsync(cancellation);
    }

    /// <summary>False while there is no file yet.</summary>
    private async Task<bool> BeginAsync(CancellationToken cancellation)
    {
        place ??= File.Exists(placeFile) ? JsonSerializer.Deserialize<LogPlace>(await File.ReadAllBytesAsync(placeFile, cancellation), SoarJson.Options) : null;
        if (place is not null)
            return await FindAsync(cancellation);
        if (!File.Exists(path))
        {
            // Whatever appears from now on is new.
            Keep(new LogPlace(default, 0, "", "", [new LogStamp(default, 0, services.Clock.GetUtcNow().Ticks)]));
            return false;
        }
        Open(path);
        if (!readExisting)
            current!.StartAt(StartOfLastLine(current));
        // What lies beside it was not asked for.
        Keep(current!.Place([.. LogFile.Generations(path).Where(file => file.Path != path).Select(file => file.Stamp), new LogStamp(default, 0, current.Written)]));
        return true;
    }

    /// <summary>The file that was being read: under its name or another, or as the copy that rotation made of it. False while there is none.</summary>
    private async Task<bool> FindAsync(CancellationToken cancellation)
    {
        // Nothing was read of it yet, so nothing tells whether it was copied and cut since: what is not finished comes first.
        if (place!.Offset == 0 && Former() is { } former)
            return Begin(former, 0) || await FindAsync(cancellation);
        foreach (var file in LogFile.Generations(path).OrderByDescending(file => file.Id == place.File).ThenByDescending(file => file.Path == path).ThenByDescending(file => file.Written))
        {
            if (place.Offset == 0 && file.Id != place.File)
                continue;
            if (!Open(file))
                return await FindAsync(cancellation);
            if (place.Offset == 0 || current.Fits(place))
                return Begin(file, place.Offset) || await FindAsync(cancellation);
        }
        current?.Dispose();
        current = null;
        if (!File.Exists(path))
            return false;
        if (place.Offset > 0)
        {
            hearing.Unreadable($"{path} from byte {place.Offset}", $"The file that was read up to byte {place.Offset} is gone or was cut, and no copy of it lies beside {path}: what was written to it after that is lost. Rotate by rename, or with delaycompress.");
            Log.Gap(services.Log, services.Instance, path, place.Offset);
            await HandOverAsync(cancellation);
        }
        Open(path);
        Keep(current!.Place(place.Finished));
        return true;
    }

    /// <summary>Whole lines to the end of the file. False when this is not the file any more that was read so far.</summary>
    private async Task<bool> ReadOnAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var now = (current!.Length, current.Written);
            if (now == seen)
                return true;
            var length = current.Read(buffer);
            // Looked at after reading: what fits now was whole when it was read. A shorter file, or other bytes where ours were, was cut and filled again.
            // Before its first line nothing tells, but a copy lies there that nobody has read.
            if (!current.Fits(place!) || (length > 0 && current.Offset == 0 && Former() is not null && LogFile.IdAt(path) == current.Id))
            {
                seen = default;
                return false;
            }
            var end = buffer.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
            if (end == 0 && length == buffer.Length)
            {
                if (buffer.Length < longestLine)
                {
                    Array.Resize(ref buffer, Math.Min(buffer.Length * 4, longestLine));
                    continue;
                }
                if (!skipping)
                    hearing.Unreadable(buffer, $"A line is longer than {longestLine >> 20} MiB; it was skipped.");
                skipping = true;
                end = length;
            }
            if (end == 0)
            {
                seen = now;
                return true;
            }
            var from = 0;
            if (skipping && buffer.AsSpan(0, end).IndexOf((byte)'\n') is >= 0 and var stop)
                (from, skipping) = (stop + 1, false);
            if (!skipping)
                Lines(buffer.AsMemory(from, end - from));
            await TakenAsync(end, cancellation);
        }
    }

    /// <summary>What stands after the last line's end will get no end any more.</summary>
    private async Task LastLineAsync(CancellationToken cancellation)
    {
        var length = current!.Read(buffer);
        if (length == 0)
            return;
        if (!skipping)
            readLine(buffer.AsMemory(0, length), hearing);
        skipping = false;
        await TakenAsync(length, cancellation);
    }

    private void Lines(ReadOnlyMemory<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            readLine(end < 0 ? lines : lines[..end], hearing);
            lines = end < 0 ? default : lines[(end + 1)..];
        }
    }

    private async Task TakenAsync(int length, CancellationToken cancellation)
    {
        if (hearing.Matters || hearing.Full)
            await HandOverAsync(cancellation);
        current!.Take(buffer.AsSpan(0, length));
        Keep(current.Place(place!.Finished));
    }

    private async Task HandOverAsync(CancellationToken cancellation)
    {
        await intake.AcceptAsync(hearing.Take(), cancellation);
        handedOver = services.Clock.GetUtcNow();
    }

    /// <summary>The file to go on with: null while this one is still the newest, or the next has nothing in it, so that its writer may not have gone over yet.</summary>
    private LogGeneration? Next()
    {
        if (LogFile.IdAt(path) == current!.Id)
            return null;
        var (stamp, finished) = (current.Stamp, place!.Finished);
        return LogFile.Generations(path).Where(file => file.Id != current.Id && file.Size > 0 && (file.Path == path || (file.Written >= stamp.Written && !finished.Contains(file.Stamp))))
            .OrderBy(file => file.Path == path).ThenBy(file => file.Written).FirstOrDefault();
    }

    /// <summary>The oldest generation, beside the file itself, that is not finished although it was written later than those that are.</summary>
    private LogGeneration? Former()
    {
        var since = place!.Finished.Select(file => file.Written).DefaultIfEmpty(long.MaxValue).Min();
        return LogFile.Generations(path).FirstOrDefault(file => file.Path != path && file.Size > 0 && file.Written >= since && !place.Finished.Contains(file.Stamp));
    }

    /// <summary>False when the name is another file's by now.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(current))]
    private bool Open(LogGeneration file)
    {
        try
        {
            Open(file.Path);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        return current!.Id == file.Id;
    }

    private bool Begin(LogGeneration file, long offset)
    {
        if (current?.Id != file.Id && !Open(file))
            return false;
        current!.StartAt(offset);
        place = current.Place(place!.Finished);
        return true;
    }

    private void Open(string file)
    {
        current?.Dispose();
        current = null;
        current = LogFile.Open(file);
        seen = (-1, -1);
        skipping = false;
    }

    private void Keep(LogPlace now)
    {
        place = now;
        Directory.CreateDirectory(Path.GetDirectoryName(placeFile)!);
        Folders.Replace(placeFile, JsonSerializer.SerializeToUtf8Bytes(now, SoarJson.Options));
    }

    // A line that is being written now is new: its rest will come.
    private long StartOfLastLine(LogFile file)
    {
        var length = file.Length;
        for (var until = length; until > 0;)
        {
            var from = Math.Max(0, until - buffer.Length);
            var read = file.Read(buffer.AsSpan(0, (int)(until - from)), from);
            if (buffer.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var end)
                return from + end + 1;
            until = from;
        }
        return 0;
    }
}
