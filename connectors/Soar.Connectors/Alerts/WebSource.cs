using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Soar.Alerts;
using Soar.Capabilities;
using Soar.Connectors.Serving;

namespace Soar.Connectors.Alerts;

/// <summary>A request as it came, for whoever checks and reads it.</summary>
internal sealed record Posted(HttpRequest Request, byte[] Body);

/// <summary>
/// The web side of a source: who may post is heard, what they post is on disk before they are answered, and who comes while too many alerts wait is told when to come again. Whoever has no
/// right learns nothing, and nothing that they send is kept.
/// </summary>
/// <param name="refuse">Why a request is not believed although its token is right; null = it is.</param>
/// <param name="read">Reads a body. Throws <see cref="JsonException"/> where it is not JSON.</param>
/// <param name="fullStatus">What the sender understands as "come again": 429, or 503.</param>
internal sealed class WebSource(
    WebSourceSettings settings, ConnectorServices services, Func<Posted, string?> refuse, Action<Posted, Hearing> read, int fullStatus = StatusCodes.Status429TooManyRequests) : IAsyncDisposable
{
    private IAlertIntake? intake;
    private WebListener? listener;
    private Opening? opening;
    private DateTimeOffset refusalTold;

    public Task StartAsync(IAlertIntake intake, CancellationToken cancellation)
    {
        this.intake = intake;
        listener = new WebListener(settings, settings.MaxBytes, AnswerAsync);
        opening = new Opening(settings.Endpoint, listener.ListenAsync, services.Clock);
        return opening.StartAsync(problem => Log.SourceNotServed(services.Log, services.Instance, problem), cancellation);
    }

    public async Task<ConnectorTest> TestAsync(CancellationToken cancellation) =>
        settings.Problems().FirstOrDefault() is { } problem ? new ConnectorTest(false, problem)
        : listener?.Serves != true && await Presence.AbsentAsync(settings, web: true, services.Clock, cancellation) is { } absent ? new ConnectorTest(false, $"{absent} Until then senders are refused, and send again if they are made so.")
        : new ConnectorTest(true, $"Soar listens at {(settings.Tls ? "https" : "http")}://{settings.Endpoint}{settings.Path}.");

    public async ValueTask DisposeAsync()
    {
        if (opening is not null)
            await opening.DisposeAsync();
        if (listener is not null)
            await listener.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            if (request.Path.Value != settings.Path || !SenderToken.IsShown(settings.Token, request.Headers))
                await RefuseAsync(context, "no token, or another one");
            else if (!HttpMethods.IsPost(request.Method))
            {
                response.Headers.Allow = "POST";
                await SayAsync(context, StatusCodes.Status405MethodNotAllowed, "POST alerts here.");
            }
            else
                await TakeAsync(context, new Posted(request, await BodyAsync(request, context.RequestAborted)));
        }
        catch (BadHttpRequestException e)
        {
            await SayAsync(context, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? $"More than {settings.MaxBytes} bytes." : "This is no request that can be read.");
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // the sender went away: whatever was kept is known by its id when it comes again
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            // The HTTP edge: a defect of ours. Nothing was acknowledged, so the sender sends again.
            Log.SourceBroke(services.Log, services.Instance, e.GetType().Name, e.Message);
            await SayAsync(context, StatusCodes.Status500InternalServerError, "This should not have happened. Nothing was acknowledged; send it again.");
        }
    }

    private async Task TakeAsync(HttpContext context, Posted posted)
    {
        if (refuse(posted) is { } refusal)
        {
            await RefuseAsync(context, refusal);
            return;
        }
        var hearing = new Hearing();
        try
        {
            read(posted, hearing);
        }
        catch (JsonException e)
        {
            hearing = new Hearing();
            hearing.Unreadable(posted.Body, $"It is not JSON: {e.Message}");
        }
        var heard = hearing.Take();
        try
        {
            // The sender may go away; what it sent is kept all the same.
            var accepted = await intake!.AcceptAsync(heard, CancellationToken.None);
            var unreadable = heard.Unreadable.Select(u => u.Problem).Concat(accepted.Select(a => a.Problem).OfType<string>()).ToList();
            context.Response.StatusCode = accepted.Any(a => a.Problem is null) || unreadable.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
            await WriteAsync(context, new { alerts = accepted.Where(a => a.Problem is null).Select(a => new { a.Id, a.Number, a.New }), unreadable });
        }
        catch (SoarException e) when (e is IntakeFullException || e.Code.StartsWith("SOAR3", StringComparison.Ordinal))
        {
            Log.HoldingBack(services.Log, services.Instance, e.Message);
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(((e as IntakeFullException)?.RetryAfter ?? TimeSpan.FromSeconds(5)).TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            await SayAsync(context, e is IntakeFullException ? fullStatus : StatusCodes.Status503ServiceUnavailable, "Nothing was kept. Send it again later.");
        }
    }

    private async Task RefuseAsync(HttpContext context, string why)
    {
        // Somebody who tries tokens is seen, once a minute, and cannot fill the log.
        if (services.Clock.GetUtcNow() - refusalTold > TimeSpan.FromMinutes(1))
        {
            refusalTold = services.Clock.GetUtcNow();
            Log.SenderRefused(services.Log, services.Instance, context.Connection.RemoteIpAddress?.ToString() ?? "?", why);
        }
        context.Response.Headers.WWWAuthenticate = $"Bearer {Presence.Realm}";
        await SayAsync(context, StatusCodes.Status401Unauthorized, "Not for this path and these credentials.");
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellation);
        return body.ToArray();
    }

    private static Task SayAsync(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new { title = words, status });
    }

    private static Task WriteAsync(HttpContext context, object value)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value, SoarJson.Options);
        context.Response.ContentType = context.Response.StatusCode >= 400 ? "application/problem+json" : "application/json";
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
