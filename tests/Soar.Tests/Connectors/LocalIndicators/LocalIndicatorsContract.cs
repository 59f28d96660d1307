using Soar.Capabilities;
using Soar.Connectors.LocalIndicators;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.LocalIndicators;

public sealed class LocalIndicatorsContract : ConnectorSuite<LocalIndicatorsConnector, LocalIndicatorsSettings, LocalIndicatorsContract.Files>
{
    protected override Files Double() => new();

    protected override LocalIndicatorsSettings Settings(Files other) => new() { Files = ["indicators.csv"], Own = true };

    protected override IEnumerable<(LocalIndicatorsSettings Settings, string Field)> Wrong(LocalIndicatorsSettings good) => [(good with { Files = [], Own = false }, "files")];

    protected override string? Excuse(ActionDescriptor action, Trouble trouble) => action.Effect == Effect.Notifies || action.Id == "intel.sightings" ? "what is submitted and sighted lies in files of the instance's own" : null;

    /// <summary>The other side is a file.</summary>
    public sealed class Files : OtherSide
    {
        private readonly TempFolder folder = new();

        public Files() => folder.File("indicators.csv", "type,value\nip,203.0.113.66\n");

        public override string State => string.Join("\n", Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText));
        public override Task WhenAsked => Task.CompletedTask;
        public override string Folder => folder.Path;

        public override ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }

        protected override Expectation Bring(Trouble trouble, bool changesOnly)
        {
            var file = Path.Combine(folder.Path, "indicators.csv");
            switch (trouble)
            {
                case Trouble.Missing:
                    File.Delete(file);
                    return Expectation.Means(FailureKind.Permanent);
                case Trouble.Garbage:
                    File.WriteAllText(file, "{ no csv");
                    return Expectation.Usual;
                default:
                    return Expectation.Not("a local file is there or not, and is read at once");
            }
        }
    }
}
