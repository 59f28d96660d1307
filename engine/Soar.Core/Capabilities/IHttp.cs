using System.Text.Json;

namespace Soar.Capabilities;

/// <summary>An HTTP answer. <paramref name="Json"/> is set when the body is JSON, <paramref name="Body"/> always (text, at most 256 KiB).</summary>
public sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body, JsonElement? Json);

[Capability("Http", "Calls a web service whose address and credentials are an instance's settings.")]
public interface IHttp
{
    /// <summary>GET. A status of 400 and above fails the step.</summary>
    /// <param name="path">Path and query, joined to the instance's base address.</param>
    [Action(Effect.ReadsOnly)]
    Task<HttpAnswer> GetAsync(string path, ActionContext context, CancellationToken cancellation);

    /// <summary>POST of JSON with an <c>Idempotency-Key</c> header.</summary>
    [Action(Effect.Notifies, NoInverse = "What a POST does is known to its service only.")]
    Task<HttpAnswer> PostAsync(string path, JsonElement body, ActionContext context, CancellationToken cancellation);
}
