using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Testing;

/// <summary>What every connector test needs.</summary>
public static class Given
{
    public static ActionContext Context(string key = "00112233445566778899aabbccddeeff", IArtifacts? artifacts = null) => new()
    {
        Run = new RunId(Guid.Parse("0199aaaa-0000-7000-8000-00000000abcd")), Step = "step", Key = new IdempotencyKey(key), Attempt = 1, Artifacts = artifacts ?? new HeldArtifacts(),
    };

    public static ConnectorServices Services(string folder = ".", TimeProvider? clock = null) => new("instance", clock ?? TimeProvider.System, NullLogger.Instance, new FewTemplates(), folder);

    private sealed class FewTemplates : ITemplates
    {
        public RenderedTemplate Render(string name, string language, IReadOnlyDictionary<string, string> values, TemplateChannel channel = TemplateChannel.PlainText) => name switch
        {
            "intrusion" => new RenderedTemplate($"Attack from {values["Address"]}", Lines(values)),
            "preservation" or "preservation-extension" or "national-bureau" or "siena-message" => new RenderedTemplate($"{name} {values["Reference"]}", Lines(values)),
            _ => throw new SoarException("SOAR4005", $"There is no template '{name}'."),
        };

        private static string Lines(IReadOnlyDictionary<string, string> values) => string.Join("\n", values.Select(value => $"{value.Key}: {value.Value}"));
    }
}
