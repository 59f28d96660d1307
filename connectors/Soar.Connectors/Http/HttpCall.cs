using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Soar.Capabilities;

namespace Soar.Connectors.Http;

/// <summary>What a request does to the other side; it decides what every way to fail means.</summary>
internal enum HttpDoes
{
    /// <summary>Nothing: whatever breaks on the way is Transient.</summary>
    Reads,

    /// <summary>It changes something: Unknown from the moment the request may have been sent.</summary>
    Changes,

    /// <summary>It reads what a change of the same action left: tried again here, and what fails in the end is Unknown, because the change may stand.</summary>
    ReadsBack,
}

/// <summary>
/// One request, written from left to right: <c>HttpCall.Changes(HttpMethod.Put, address).Json(body).Header("If-Match", tag).Takes(409)</c>. The instance's
/// credential is added by <see cref="HttpAccess"/>.
/// </summary>
public sealed record HttpCall
{
    private HttpCall(HttpDoes does, HttpMethod method, Uri address) => (Does, Method, Address) = (does, method, address);

    public HttpMethod Method { get; }
    public Uri Address { get; internal init; }
    internal HttpDoes Does { get; }
    internal Action<HttpRequestMessage> Prepare { get; init; } = static _ => { };
    internal Action<HttpRequestMessage>? Authorise { get; init; }
    internal Func<HttpContent>? Content { get; init; }
    internal IReadOnlyList<int> Answers { get; init; } = [];

    /// <summary>A GET.</summary>
    public static HttpCall Reads(Uri address) => new(HttpDoes.Reads, HttpMethod.Get, address);

    /// <summary>A request that changes nothing although it is no GET: a search by POST.</summary>
    public static HttpCall Reads(HttpMethod method, Uri address) => new(HttpDoes.Reads, method, address);

    /// <summary>A request that changes something. Redirects are not followed.</summary>
    public static HttpCall Changes(HttpMethod method, Uri address) => new(HttpDoes.Changes, method, address);

    /// <summary>
    /// A GET of what an earlier request of the same action has changed: the ticket read back. The engine cannot repeat it without repeating the change, so it is
    /// tried three times here, and its failure is Unknown, never "surely not done".
    /// </summary>
    public static HttpCall ReadsBack(Uri address) => new(HttpDoes.ReadsBack, HttpMethod.Get, address);

    /// <summary>Reads back where the product reads by POST.</summary>
    public static HttpCall ReadsBack(HttpMethod method, Uri address) => new(HttpDoes.ReadsBack, method, address);

    /// <summary>A body in JSON, as Soar writes it: camel case, no nulls.</summary>
    public HttpCall Json(object body)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), SoarJson.Options);
        return Bytes(bytes, "application/json");
    }

    public HttpCall Xml(XElement body) => Bytes(Encoding.UTF8.GetBytes(body.ToString(SaveOptions.DisableFormatting)), "application/xml; charset=utf-8");

    /// <summary>A body as HTML forms send it, escaped.</summary>
    public HttpCall Form(params IEnumerable<(string Name, string Value)> fields)
    {
        var pairs = fields.Select(field => KeyValuePair.Create(field.Name, field.Value)).ToList();
        return this with { Content = () => new FormUrlEncodedContent(pairs) };
    }

    public HttpCall Bytes(byte[] body, string mediaType) =>
        this with { Content = () => new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } } };

    /// <summary>Any other body. It is made anew for each attempt.</summary>
    public HttpCall Body(Func<HttpContent> make) => this with { Content = make };

    /// <summary>A header that may go to any host of a redirect. Credentials do not belong here.</summary>
    public HttpCall Header(string name, string value) => this with { Prepare = Prepare + (request => request.Headers.TryAddWithoutValidation(name, value)) };

    public HttpCall Accept(string mediaTypes) => Header("Accept", mediaTypes);

    /// <summary>Another credential than the instance's, for this request only. It stays with the host and port that it is for.</summary>
    public HttpCall With(Action<HttpRequestMessage> credential) => this with { Authorise = credential };

    /// <summary>Statuses besides 2xx that are an answer to this question rather than a failure, for example 404 for "is it there?".</summary>
    public HttpCall Takes(params int[] statuses) => this with { Answers = statuses };
}
