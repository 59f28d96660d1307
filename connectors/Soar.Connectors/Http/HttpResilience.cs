using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Soar.Capabilities;

namespace Soar.Connectors.Http;

/// <summary>
/// Polly's part. The engine repeats steps, durably and counted, so nothing is repeated here but what it cannot repeat: reading back what a change of the same action left
/// (ADR 9). A breaker per declared host keeps a hundred runs from waiting one after the other for a server that is down: while it is open, a request is
/// surely not sent.
/// </summary>
internal sealed class HttpResilience(IReadOnlySet<string> hosts, TimeProvider clock)
{
    private static readonly TimeSpan Open = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, ResiliencePipeline<HttpReply>> breakers = hosts.ToDictionary(host => host, _ => Breaker(clock), StringComparer.Ordinal);

    private readonly ResiliencePipeline<HttpReply> again = new ResiliencePipelineBuilder<HttpReply> { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions<HttpReply>
        {
            MaxRetryAttempts = 2, Delay = TimeSpan.FromMilliseconds(250), BackoffType = DelayBackoffType.Exponential,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is ConnectorFailure { Reason: "connection" or "timeout" } || args.Outcome.Result?.Status is 429 or >= 500),
        })
        .Build();

    public async ValueTask<HttpReply> RunAsync(HttpCall call, Func<CancellationToken, ValueTask<HttpReply>> send, CancellationToken cancellation)
    {
        // Hosts that others named (RDAP's referrals) come and go: none of them has a history worth keeping.
        if (!breakers.TryGetValue(UriHost.Of(call.Address) ?? "", out var breaker)) return await send(cancellation);
        async ValueTask<HttpReply> ThroughBreaker(CancellationToken token)
        {
            try
            {
                return await breaker.ExecuteAsync(send, token);
            }
            catch (BrokenCircuitException e)
            {
                throw HttpFailures.OfOpenCircuit(e, call.Address, call.Does, e.RetryAfter ?? Open);
            }
        }

        return call.Does == HttpDoes.ReadsBack ? await again.ExecuteAsync(ThroughBreaker, cancellation) : await ThroughBreaker(cancellation);
    }

    // Opens when of at least five requests within half a minute four in five found nobody there.
    private static ResiliencePipeline<HttpReply> Breaker(TimeProvider clock) => new ResiliencePipelineBuilder<HttpReply> { TimeProvider = clock }
        .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpReply>
        {
            FailureRatio = 0.8, MinimumThroughput = 5, SamplingDuration = TimeSpan.FromSeconds(30), BreakDuration = Open,
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is ConnectorFailure { Reason: "connection" or "timeout" } || args.Outcome.Result?.Status is 502 or 503 or 504),
        })
        .Build();
}
