using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Soar.Server.Http;

/// <summary>The outermost of our code: whatever goes wrong inside becomes a problem document, and every answer carries the headers that keep a browser safe.</summary>
internal static partial class Edge
{
    public static async Task PassAsync(HttpContext context, RequestDelegate next, ILogger log)
    {
        Protect(context);
        try
        {
            RefuseOtherEncodings(context.Request);
            await next(context);
            // The framework's own refusals have no body.
            if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentType: null }) await PlainAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The other side went away: there is nobody to answer.
        }
        catch (Exception error) when (!context.Response.HasStarted) // the edge: nothing that goes wrong in a request may end more than this request, or show what is inside
        {
            var (status, code, detail) = Of(error);
            if (status >= 500) log.RequestFailed(context.Request.Method, context.Request.Path, error);
            await Problem.WriteAsync(context, status, code, detail);
        }
    }

    /// <summary>JSON is UTF-8 (RFC 8259 section 8.1), and so is everything else here; the framework would read others where it knows them, and throw where it does not.</summary>
    private static void RefuseOtherEncodings(HttpRequest request)
    {
        if (request.ContentType is not { } type || !type.Contains("charset", StringComparison.OrdinalIgnoreCase)) return;
        if (!MediaTypeHeaderValue.TryParse(type, out var media) || media.Charset.Value?.Trim('"').ToUpperInvariant() is not (null or "UTF-8" or "US-ASCII"))
            throw new SoarException("SOAR6010", "The body must be UTF-8: send it so, with charset=utf-8 in its Content-Type or none.");
    }

    private static (int Status, string Code, string Detail) Of(Exception error) => error switch
    {
        SoarException ours => (Problem.StatusOf(ours), ours.Code, ours.Message),
        BadHttpRequestException { StatusCode: 413 } => (413, "SOAR6011", "The request is larger than http.maxRequestBytes of the settings allows."),
        BadHttpRequestException { StatusCode: 415 } => (415, "SOAR6010", "The body must be JSON: send it with Content-Type: application/json."),
        BadHttpRequestException { InnerException: JsonException json } => (400, "SOAR6007", $"The body cannot be read: {Words(json)}."),
        BadHttpRequestException bad when Parameter().Match(bad.Message) is { Success: true } match => (400, "SOAR6007", $"'{match.Groups[1].Value}' cannot be '{match.Groups[2].Value}'."),
        BadHttpRequestException bad when Missing().Match(bad.Message) is { Success: true } match => (400, "SOAR6007", $"'{match.Groups[1].Value}' is missing."),
        BadHttpRequestException bad when bad.Message.Contains("no body was provided", StringComparison.Ordinal) => (400, "SOAR6007", "The request needs a body: a JSON object."),
        BadHttpRequestException bad => (bad.StatusCode, "SOAR6007", $"The request cannot be read: {bad.Message}"),
        _ => (500, "SOAR5000", "This should not happen: a defect of Soar. The server's log says more; report it."),
    };

    /// <summary>What is wrong with a JSON text, without the names of our types.</summary>
    public static string Words(JsonException error)
    {
        var where = error.Path is null or "$" ? "" : $" at {error.Path}";
        if (Unmapped().Match(error.Message) is { Success: true } unmapped) return $"there is no field '{unmapped.Groups[1].Value}'{(error.Path == $"$.{unmapped.Groups[1].Value}" ? "" : where)}";
        if (Required().Match(error.Message) is { Success: true } required) return $"missing: {required.Groups[1].Value}{where}";
        if (Twice().Match(error.Message) is { Success: true } twice) return $"'{twice.Groups[1].Value}' stands there twice{where}";
        if (error.Message.Contains("doesn't allow setting null", StringComparison.Ordinal)) return $"null stands there{where}, where a value must be";
        if (error.Message.Contains("half a character", StringComparison.Ordinal)) return $"half a character stands there{where} (an escape such as \\ud800 without its other half)";
        if (error.Message.Contains("could not be converted", StringComparison.Ordinal)) return $"the value{where} is of another kind, or none of those there are";
        return $"it is no valid JSON{where}{(error.LineNumber is { } line ? $", line {line + 1}" : "")}";
    }

    private static Task PlainAsync(HttpContext context) => context.Response.StatusCode switch
    {
        404 => Problem.WriteAsync(context, 404, "SOAR6008", $"There is no {context.Request.Path} here. /api/openapi.json lists what there is."),
        405 => Problem.WriteAsync(context, 405, "SOAR6009", $"{context.Request.Path} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}."),
        415 => Problem.WriteAsync(context, 415, "SOAR6010", "The body must be JSON: send it with Content-Type: application/json."),
        413 => Problem.WriteAsync(context, 413, "SOAR6011", "The request is larger than http.maxRequestBytes of the settings allows."),
        var other => Problem.WriteAsync(context, other, "SOAR6007", "The request cannot be answered as it is."),
    };

    private static void Protect(HttpContext context)
    {
        var headers = context.Response.Headers;
        // Styles may stand in elements, which the console's editor writes; scripts come from files of ours only.
        headers.ContentSecurityPolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)) headers.CacheControl = "no-cache, no-store";
    }

    [GeneratedRegex("Failed to bind parameter \".* (\\w+)\" from \"(.*)\"", RegexOptions.Singleline, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("Required parameter \".* (\\w+)\" was not provided", RegexOptions.None, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("The JSON property '(.*)' could not be mapped", RegexOptions.Singleline, 1000)]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (.*?)\\.?$", RegexOptions.Singleline, 1000)]
    private static partial Regex Required();

    [GeneratedRegex("Duplicate property '(.*)' encountered", RegexOptions.Singleline, 1000)]
    private static partial Regex Twice();
}
