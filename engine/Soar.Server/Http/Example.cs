namespace Soar.Server.Http;

/// <summary>A body as it may be sent, for the API's document.</summary>
internal sealed record Example(string Json);

internal static class Examples
{
    /// <summary>Shows this body in the API's document.</summary>
    public static RouteHandlerBuilder Example(this RouteHandlerBuilder route, string json) => route.WithMetadata(new Example(json));
}
