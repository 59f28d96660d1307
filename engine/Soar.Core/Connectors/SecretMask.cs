using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Soar.Connectors;

/// <summary>
/// The last line of defence: whatever a connector says or returns passes through here before it becomes a record, a log line or an answer. Every form of the deployment's
/// secrets that protocols use (as it is, in JSON, in a URL, inside Base64, the path of one that is an address) is replaced by <c>•••</c>. Secrets shorter than <see cref="Shortest"/> are
/// not searched for, since they would be found in innocent words: settings refuse them.
/// </summary>
public sealed class SecretMask
{
    /// <summary>Characters that a secret must have to be told from innocent words.</summary>
    public const int Shortest = 6;

    private const string Shown = "•••";
    private string[] forms = [];
    private byte[][] bytes = [];

    public SecretMask(params IEnumerable<Secret> secrets) => Add(secrets);

    public static SecretMask None => new();

    /// <summary>Searches for these too, while the settings are read: one mask serves all instances, because one's product may know another's secret.</summary>
    public void Add(params IEnumerable<Secret> secrets)
    {
        forms = [.. forms.Concat(secrets.SelectMany(secret => Parts(secret.Look())).SelectMany(Forms)).Where(form => form.Length >= Shortest).Distinct(StringComparer.Ordinal).OrderByDescending(form => form.Length)];
        bytes = [.. forms.Select(Encoding.UTF8.GetBytes)];
    }

    public string Text(string text)
    {
        foreach (var form in forms)
            if (text.Contains(form, StringComparison.Ordinal)) text = text.Replace(form, Shown, StringComparison.Ordinal);
        return text;
    }

    /// <summary>JSON or text in UTF-8; the same array where nothing had to go.</summary>
    public byte[] Utf8(byte[] text)
    {
        foreach (var form in bytes)
            if (text.AsSpan().IndexOf(form) >= 0) return Encoding.UTF8.GetBytes(Text(Encoding.UTF8.GetString(text)));
        return text;
    }

    // A key in PEM is also recognised by each of its lines, the address of a webhook by each part that nobody could guess.
    private static IEnumerable<string> Parts(string secret)
    {
        IEnumerable<string> parts = secret.Contains('\n') ? secret.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith("-----", StringComparison.Ordinal))
            : Uri.TryCreate(secret, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" ? [address.AbsoluteUri, address.PathAndQuery, address.AbsolutePath, .. address.PathAndQuery.Split('/', '?', '&', '=')]
            : [];
        return parts.Where(part => part.Length >= 16).Prepend(secret);
    }

    private static IEnumerable<string> Forms(string secret)
    {
        yield return secret;
        foreach (var once in new[] { Inner(JsonSerializer.Serialize(secret, Relaxed)), Inner(JsonSerializer.Serialize(secret)) })
        {
            yield return once;
            yield return Inner(JsonSerializer.Serialize(once, Relaxed)); // an answer in JSON, as text in ours
        }

        yield return Uri.EscapeDataString(secret);
        yield return System.Net.WebUtility.HtmlEncode(secret);
        var plain = Encoding.UTF8.GetBytes(secret);
        yield return Convert.ToHexStringLower(plain);
        // Base64 of something that holds it ("user:password"): its middle looks one of three ways, by what stands before.
        for (var before = 0; before < 3; before++)
        {
            var whole = Convert.ToBase64String([.. new byte[before], .. plain]);
            var first = before == 0 ? 0 : before + 1;
            var last = (before + plain.Length) * 8 / 6;
            if (last - first >= 8) yield return whole[first..last];
        }
    }

    private static JsonSerializerOptions Relaxed { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Inner(string json) => json[1..^1];
}
