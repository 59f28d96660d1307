using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Soar.Testing.Contract;

/// <summary>What an HTTP double was asked.</summary>
public sealed record HttpAsked(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>The path without its query.</summary>
    public string Path => Target.Split('?')[0];

    /// <summary>A value of the query, unescaped; null when it is not there.</summary>
    public string? Query(string name) => Target.Split('?').Skip(1).SelectMany(query => query.Split('&')).Select(pair => pair.Split('=', 2))
        .Where(pair => Uri.UnescapeDataString(pair[0]) == name).Select(pair => Uri.UnescapeDataString(pair.ElementAtOrDefault(1)?.Replace('+', ' ') ?? "")).FirstOrDefault();

    /// <summary>Reads one request; null when the client has left without one.</summary>
    internal static async Task<HttpAsked?> ReadAsync(NetworkStream stream, CancellationToken end)
    {
        var head = new MemoryStream();
        var one = new byte[1];
        while (!EndsHead(head))
        {
            if (await stream.ReadAsync(one, end) == 0) return null;
            head.WriteByte(one[0]);
        }

        var lines = Encoding.UTF8.GetString(head.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, end);
        var start = lines[0].Split(' ');
        return new HttpAsked(start[0], start[1], headers, Encoding.UTF8.GetString(body));
    }

    private static bool EndsHead(MemoryStream head) => head.Length >= 4 && head.GetBuffer().AsSpan((int)head.Length - 4, 4).SequenceEqual("\r\n\r\n"u8);
}
