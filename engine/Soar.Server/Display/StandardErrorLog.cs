using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Soar.Server.Display;

/// <summary>Logs to standard error, one line each: warnings and worse, or from the level that <c>SOAR_LOG</c> names (debug, information, …).</summary>
internal sealed class StandardErrorLog : ILoggerFactory
{
    private readonly LogLevel level = Enum.TryParse<LogLevel>(Environment.GetEnvironmentVariable("SOAR_LOG"), ignoreCase: true, out var asked) ? asked : LogLevel.Warning;

    public void AddProvider(ILoggerProvider provider)
    {
        // There is one destination.
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, level);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Logger(string category, LogLevel lowest) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
            var detail = exception is null ? "" : lowest <= LogLevel.Debug ? $"\n{exception}" : $" ({exception.GetType().Name}: {exception.Message})";
            Console.Error.WriteLine($"{time} {logLevel.ToString().ToLowerInvariant()} {category}: {formatter(state, exception)}{detail}");
        }
    }
}
