using Microsoft.Extensions.Logging;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary>A connector's log: whatever it says, its instance's secrets are not in it, nor in the exceptions it hands over.</summary>
internal sealed class MaskedLog(ILogger log, SecretMask mask) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = mask.Text(exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}");
        log.Log(logLevel, eventId, text, null, static (said, _) => said);
    }
}
