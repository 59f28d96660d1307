using System.Text.Json;

namespace Soar.Capabilities;

/// <summary>An HTTP answer. <paramref name="Json"/> is set when the body is JSON, <paramref name="Body"/> always (text, at most 256 KiB).</summary>
public sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body, JsonElement? Json);

[Capability("Http", "Calls a web service whose address and credentials are an instance's settings: the instance's name is the credential's name.")]
public interface IHttp
{
    /// <summary>GET. A status of 400 and above fails the step.</summary>
    /// <param name="path">Path and query, joined to the instance's base address.</param>
    [Action(Effect.ReadsOnly)]
    Task<HttpAnswer> GetAsync(string path, ActionContext context, CancellationToken cancellation);

    /// <summary>POST of JSON with an <c>Idempotency-Key</c> header.</summary>
    [Action(Effect.Notifies, NoInverse = "What a POST does is known to its service only.")]
    Task<HttpAnswer> PostAsync(string path, JsonElement body, ActionContext context, CancellationToken cancellation);

    /// <summary>
    /// Any other request: PUT, PATCH or DELETE, a body in XML, text or a form, headers of its own. A status of 400 and above fails the step. All but GET and HEAD carry an
    /// <c>Idempotency-Key</c> header. To the engine each is an effect, GET and HEAD too: where neither headers nor HEAD are needed, <c>Http.Get</c> is the better word.
    /// </summary>
    /// <param name="method"><c>GET</c>, <c>HEAD</c>, <c>POST</c>, <c>PUT</c>, <c>PATCH</c> or <c>DELETE</c>.</param>
    /// <param name="path">Path and query, joined to the instance's base address.</param>
    /// <param name="body">The body as text, sent in UTF-8; needs <c>mediaType</c>.</param>
    /// <param name="mediaType">What the body is, for example <c>application/xml</c>.</param>
    /// <param name="headers">Headers beside those that Soar writes. Credentials (<c>Authorization</c>, <c>Cookie</c>), <c>Host</c> and what frames the message are refused by name.</param>
    /// <param name="form">The fields of an HTML form instead of a body; they are escaped.</param>
    [Action(Effect.Notifies, NoInverse = "What a request does is known to its service only.")]
    Task<HttpAnswer> SendAsync(
        string method, string path, [MayBeEmpty] string? body = null, [MayBeEmpty] string? mediaType = null, [MayBeEmpty] IReadOnlyDictionary<string, string>? headers = null,
        [MayBeEmpty] IReadOnlyDictionary<string, string>? form = null, ActionContext context = null!, CancellationToken cancellation = default) =>
        throw ConnectorFailure.Permanent("This instance gets and posts JSON only.", reason: "unsupported");
}
