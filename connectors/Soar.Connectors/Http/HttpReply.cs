using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Soar.Capabilities;
using Soar.Connectors.Mime;

namespace Soar.Connectors.Http;

/// <summary>An answer, whole or <see cref="Truncated"/> at the limit. Its readers throw what the contract wants for garbage and for too much.</summary>
public sealed record HttpReply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool Truncated, Uri Address)
{
    private const int DeepestXml = 128;

    internal HttpDoes Does { get; init; }
    internal SecretMask Mask { get; init; } = SecretMask.None;

    /// <summary>True for 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>The body as JSON.</summary>
    public JsonElement Json() => Read("JSON", () =>
    {
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.Clone();
    });

    /// <summary>The body as JSON in a shape; a required field that is missing is garbage.</summary>
    public T Json<T>() => Read("JSON", () => JsonSerializer.Deserialize<T>(Body, SoarJson.Options) ?? throw new JsonException("it is null"));

    /// <summary>The body as XML; no document type, no entities of its own, bounded depth.</summary>
    public XElement Xml() => Read("XML", () =>
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        using (var reader = XmlReader.Create(new MemoryStream(Body), settings))
            while (reader.Read())
                if (reader.Depth > DeepestXml)
                    throw new XmlException($"it is nested deeper than {DeepestXml} elements");
        using var whole = XmlReader.Create(new MemoryStream(Body), settings);
        return XElement.Load(whole);
    });

    /// <summary>The body as text, in the charset that it says.</summary>
    public string Text()
    {
        Whole();
        return Charsets.Decode(Body, Charset(Header("Content-Type") ?? ""), null);
    }

    /// <summary>
    /// For a connector that reads the answer itself: what it threw on the way becomes garbage. Use it around parsing of what the other side should have sent.
    /// </summary>
    public T Read<T>(string what, Func<T> parse)
    {
        Whole();
        try
        {
            return parse();
        }
        catch (Exception e) when (e is JsonException or XmlException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw Garbage($"is not the {what} that was expected ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>The failure for an answer that makes no sense, for example one that lacks the new ticket's number. The words follow "the answer of …".</summary>
    public ConnectorFailure Garbage(string words, Exception? inner = null)
    {
        var message = $"The answer of {HttpAccess.Show(Address)} (status {Status}) {words}.";
        return Does == HttpDoes.Reads
            ? ConnectorFailure.Transient($"{message} Something in between may have answered in its place; look at the address in a browser.", inner: inner, reason: "garbage")
            : ConnectorFailure.Unknown($"{message} It may have been done all the same.", inner, "garbage");
    }

    internal static string? Charset(string type)
    {
        var at = type.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : type[(at + 8)..].Split(';')[0].Trim().Trim('"');
    }

    /// <summary>The beginning of the body as one line, for messages.</summary>
    internal string Excerpt()
    {
        var text = Mask.Text(Charsets.Guess(Body.AsSpan(0, Math.Min(Body.Length, 8_192))));
        return string.Concat((text.Length > 300 ? text[..300] + "…" : text).Select(character => char.IsControl(character) ? ' ' : character)).Trim();
    }

    private void Whole()
    {
        if (!Truncated)
            return;
        var message = $"{HttpAccess.Show(Address)} answered more than {Body.Length / 1024} KiB, which is not read.";
        throw Does == HttpDoes.Reads
            ? ConnectorFailure.Permanent($"{message} Ask for less, for example by page.", reason: "too-large")
            : ConnectorFailure.Unknown($"{message} It may have been done all the same.", reason: "too-large");
    }
}
