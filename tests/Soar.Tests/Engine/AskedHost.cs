using System.Text.Json;
using Soar.Hosting;

namespace Soar.Tests.Engine;

/// <summary>Answers for the header lambdas that playbooks written as lambdas do not have; an error of one is told as a real host tells it.</summary>
internal sealed class AskedHost(IPlaybookHost inner, Plays plays) : IPlaybookHost
{
    public void Start(RunStart start) => inner.Start(start);

    public void Deliver(RunId run, Delivery delivery) => inner.Deliver(run, delivery);

    public void Drop(RunId run) => inner.Drop(run);

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation)
    {
        try
        {
            return Task.FromResult(JsonSerializer.SerializeToUtf8Bytes(subject.Alert is { } alert ? plays.WantsAlert[version](alert) : plays.Wants[version](subject.Case!)));
        }
        catch (InvalidOperationException e)
        {
            return Task.FromException<byte[]>(new SoarException("SOAR2020", $"The lambda {lambda} of the playbook threw InvalidOperationException: {e.Message} Correct it in the playbook's header.", e));
        }
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
