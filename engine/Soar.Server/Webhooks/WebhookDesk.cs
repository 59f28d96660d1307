using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Threading.RateLimiting;
using Soar.Cases;
using Soar.Connectors.Alerts;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Http;
using Soar.Server.Settings;
using Soar.Storage;

namespace Soar.Server.Webhooks;

/// <summary>Who may post to which webhook (<c>hooks:</c> of soar.yaml), which playbook has it, and whether a delivery was here before. Whoever has no right learns nothing, not even which hooks there are.</summary>
internal sealed class WebhookDesk(IReadOnlyDictionary<string, WebhookSettings> hooks, IPlaybooks playbooks, RunStore runs, CaseStore cases, TimeProvider clock, ILogger log) : IDisposable
{
    private const int LongestId = 200;
    private static readonly TimeSpan ComeAgain = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, FixedWindowRateLimiter> limits = new(StringComparer.Ordinal);
    private DateTimeOffset refusalTold;

    /// <summary>
    /// Lets in who may. Throws SOAR6040 (401) for a hook that is not there or closed and for a wrong secret, SOAR6011 (413), SOAR6010 (415), SOAR6041 (429, with Retry-After), SOAR6007 where the
    /// delivery's id is none.
    /// </summary>
    public async Task<Delivery> AdmitAsync(string hook, HttpContext context, CancellationToken cancellation)
    {
        var headers = context.Request.Headers;
        if (!hooks.TryGetValue(hook, out var settings) || !settings.Open) throw Stranger(hook, context, "the hook is not there, or closed");
        if (!SenderToken.IsShown(settings.Token, headers)) throw Stranger(hook, context, "no token, or another one");
        var body = await BodyAsync(context.Request, settings.MaxBytes, cancellation);
        if (settings.Signature.Refuse(headers, body, clock) is { } refusal) throw Stranger(hook, context, refusal);
        if (!context.Request.HasJsonContentType()) throw new SoarException("SOAR6010", "The body must be JSON: send it with Content-Type: application/json.");
        await RoomAsync(hook, settings, context);
        return new Delivery(hook, settings, IdOf(headers[settings.DeliveryHeader].ToString(), settings, body), body);
    }

    /// <summary>The one playbook that has this hook. Throws SOAR6042 when none has, or several.</summary>
    public async Task<CompiledPlaybook> PlaybookAsync(string hook, CancellationToken cancellation)
    {
        var triggered = await playbooks.TriggeredByAsync("webhook", cancellation);
        var having = triggered.Playbooks.Where(p => p.Header.Triggers.Any(t => t.Kind == "webhook" && t.Text == hook)).ToList();
        var broken = triggered.Broken.Concat(triggered.Unreadable).Select(b => $" {b.File} does not compile: {b.Problem}");
        return having.Count switch
        {
            1 => having[0],
            0 => throw new SoarException("SOAR6042", $"No playbook has On.Webhook(\"{hook}\").{string.Concat(broken)}"),
            _ => throw new SoarException("SOAR6042", $"{having.Count} playbooks have On.Webhook(\"{hook}\"): {string.Join(", ", having.Select(p => p.Header.Name))}. A delivery starts one: give each its own."),
        };
    }

    /// <summary>The key under which a delivery starts its run, and the run that it has started before, if it was here within <c>sameWithin</c>.</summary>
    public async Task<(string Key, RunId? Earlier)> KeyAsync(Delivery delivery)
    {
        var first = $"webhook/{delivery.Hook}/{delivery.Id}";
        for (var key = first; ;)
        {
            if (await runs.FindTriggeredAsync(key) is not { } earlier) return (key, null);
            if (await runs.FindAsync(earlier) is not { } run || clock.GetUtcNow() - run.CreatedAt < delivery.Settings.SameWithin) return (key, earlier);
            // The same again, and no repetition any more. The key names what came before, so that two such that come at once are still one.
            key = $"{first}/{earlier}";
        }
    }

    /// <summary>Shows in <c>soar triggers</c> what was not started.</summary>
    public Task RefusedAsync(string hook, CompiledPlaybook? playbook, string why) =>
        cases.HandledAsync([], [new TriggerError($"webhook {hook}", playbook is null ? hook : $"{playbook.Header.Name}@{playbook.Header.Version}", why, clock.GetUtcNow())], clock.GetUtcNow());

    public void Dispose()
    {
        foreach (var limit in limits.Values) limit.Dispose();
    }

    private SoarException Stranger(string hook, HttpContext context, string why)
    {
        // Somebody who tries is seen, once a minute, and cannot fill the log.
        if (clock.GetUtcNow() - refusalTold > TimeSpan.FromMinutes(1))
        {
            refusalTold = clock.GetUtcNow();
            log.WebhookRefused(hook.Length > 100 ? hook[..100] : hook, Doorkeeper.Origin(context), why);
        }

        return new SoarException("SOAR6040", "Not for this hook and these credentials.");
    }

    private async Task RoomAsync(string hook, WebhookSettings settings, HttpContext context)
    {
        var limit = limits.GetOrAdd(hook, _ => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions { PermitLimit = settings.PerMinute, Window = TimeSpan.FromMinutes(1) }));
        using var lease = limit.AttemptAcquire();
        TimeSpan? wait = lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromMinutes(1);
        if (wait is null && await runs.CountDueAsync(settings.MostDue) >= settings.MostDue) wait = ComeAgain;
        if (wait is not { } retry) return;
        var seconds = Math.Max(1, (int)Math.Ceiling(retry.TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        throw new SoarException("SOAR6041", $"Nothing was started: there is no room now. Send it again in {seconds} seconds.");
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request, int most, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var part = new byte[16 * 1024];
        int length;
        while (request.ContentLength is not { } told || told <= most)
        {
            if ((length = await request.Body.ReadAsync(part, cancellation)) == 0) return body.ToArray();
            body.Write(part, 0, length);
            if (body.Length > most) break;
        }

        throw new SoarException("SOAR6011", $"The body is larger than {most} bytes, which is what the hook takes.");
    }

    private static string IdOf(string given, WebhookSettings settings, byte[] body)
    {
        if (given.Length == 0) return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(body))}";
        if (given.Length > LongestId || given.Any(c => c is <= ' ' or > '~')) throw new SoarException("SOAR6007", $"The header {settings.DeliveryHeader} is no id: it has at most {LongestId} printable ASCII characters, without blanks.");
        return Uri.EscapeDataString(given);
    }
}
