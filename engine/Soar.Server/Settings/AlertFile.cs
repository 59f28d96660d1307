using System.Text;
using System.Text.Json;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Connectors.Suricata;

namespace Soar.Server.Settings;

/// <summary>
/// Reads one alert from a file or standard input: Soar's own JSON, a Suricata EVE event (alone, the first alert of an array, or the first alert line), or a
/// raw mail (<c>.eml</c>), which becomes an alert with the mail as artifact.
/// </summary>
internal static class AlertFile
{
    public static async Task<Alert> ReadAsync(string path, IArtifacts artifacts, TimeProvider clock, CancellationToken cancellation)
    {
        byte[] bytes;
        if (path == "-")
        {
            using var buffer = new MemoryStream();
            await using var input = Console.OpenStandardInput();
            await input.CopyToAsync(buffer, cancellation);
            bytes = buffer.ToArray();
        }
        else
        {
            if (!File.Exists(path)) throw new SoarException("SOAR5002", $"There is no file '{path}' to read the alert from.");
            bytes = await File.ReadAllBytesAsync(path, cancellation);
        }

        if (bytes.Length == 0) throw new SoarException("SOAR5002", $"The alert '{path}' is empty.");
        var first = Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 512))).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return first.Length > 0 && first[0] is '{' or '['
            ? FromJson(bytes, path)
            : await FromMailAsync(bytes, path, artifacts, clock, cancellation);
    }

    private static Alert FromJson(byte[] bytes, string path)
    {
        foreach (var candidate in Candidates(bytes, path))
        {
            if (SuricataEve.IsAlert(candidate)) return SuricataEve.Read(candidate);
            if (candidate.ValueKind == JsonValueKind.Object && candidate.TryGetProperty("detector", out _))
            {
                try
                {
                    return Complete(candidate.Deserialize<Alert>(SoarJson.Options)!, path);
                }
                catch (JsonException error)
                {
                    throw new SoarException("SOAR5002", $"{path}: this is not a complete alert: {error.Message}", error);
                }
            }
        }

        throw new SoarException("SOAR5002",
            $"{path}: there is no alert in it. Give Soar's alert JSON (with 'id', 'detector', 'title', 'category', 'time'), a Suricata EVE event of type 'alert', or a raw mail.");
    }

    private static Alert Complete(Alert alert, string path)
    {
        var problems = AlertCheck.Problems(alert).ToList();
        return problems.Count == 0 ? alert : throw new SoarException("SOAR5002", $"{path}: this is not a complete alert: {string.Join("; ", problems)}.");
    }

    private static IEnumerable<JsonElement> Candidates(byte[] bytes, string path)
    {
        JsonElement? whole = null;
        try
        {
            whole = AlertJson.Parse(bytes).RootElement;
        }
        catch (JsonException)
        {
            // Not one document: NDJSON, read below line by line.
        }

        if (whole is { } document)
        {
            if (document.ValueKind != JsonValueKind.Array) return [document];
            return document.EnumerateArray();
        }

        return Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select((line, index) =>
        {
            try
            {
                return AlertJson.Parse(Encoding.UTF8.GetBytes(line)).RootElement;
            }
            catch (JsonException error)
            {
                throw new SoarException("SOAR5002", $"{path}:{index + 1}: this line is not JSON: {error.Message}", error);
            }
        });
    }

    private static async Task<Alert> FromMailAsync(byte[] bytes, string path, IArtifacts artifacts, TimeProvider clock, CancellationToken cancellation)
    {
        var text = Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 4096)));
        var header = text.Split('\n').TakeWhile(line => line.Trim().Length > 0).ToList();
        if (!header.Any(line => line.Contains(':')) || bytes.Contains((byte)0))
            throw new SoarException("SOAR5002", $"{path}: this is neither JSON nor a mail.");
        var artifact = await artifacts.PutAsync(new MemoryStream(bytes), path == "-" ? "mail.eml" : Path.GetFileName(path), "message/rfc822", cancellation);
        return new Alert
        {
            Id = artifact.Sha256,
            Detector = "reported-mail",
            Title = "Reported mail",
            Category = "phishing",
            Severity = 50,
            Time = clock.GetUtcNow(),
            Raw = artifact,
        };
    }
}
