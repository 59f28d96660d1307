using Soar.Capabilities;
using Soar.Connectors.LocalIndicators;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.LocalIndicators;

public sealed class LocalIndicatorsContract : ConnectorSuite<LocalIndicatorsConnector, LocalIndicatorsSettings, LocalIndicatorsContract.Files>
{
    protected override Files Double() => new();

    protected override LocalIndicatorsSettings Settings(Files other) => new() { Files = ["indicators.csv"], Own = true };

    protected override IEnumerable<(LocalIndicatorsSettings Settings, string Field)> Wrong(LocalIndicatorsSettings good) => [(good with { Files = [], Own = false }, "files")];

    // What is submitted and sighted lies in files of the instance's own.
    protected override OtherSide Place(Files other, ActionDescriptor action) => action.Name is "Submit" or "Sight" or "Sightings" ? other.Own : other;

    /// <summary>The other side is a file.</summary>
    public sealed class Files : OtherSide
    {
        private readonly TempFolder folder = new();

        public Files()
        {
            folder.File("indicators.csv", "type,value\nip,203.0.113.66\n");
            Own = new OwnFiles(this);
        }

        public OwnFiles Own { get; }
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

    /// <summary>What the instance keeps itself: it is read and written.</summary>
    public sealed class OwnFiles(Files all) : OtherSide
    {
        private static readonly string[] Names = ["submitted.csv", "sightings.csv"];

        private string Place => Path.Combine(all.Folder, "connectors", "instance");

        public override string State => all.State;
        public override Task WhenAsked => Task.CompletedTask;
        public override string Folder => all.Folder;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        protected override Expectation Bring(Trouble trouble, bool changesOnly)
        {
            Directory.CreateDirectory(Place);
            switch (trouble)
            {
                case Trouble.Missing:
                    return Expectation.NoTrouble; // nothing was kept yet
                case Trouble.Garbage:
                    foreach (var name in Names) File.WriteAllText(Path.Combine(Place, name), "{ no csv\n");
                    return Expectation.Means(FailureKind.Permanent);
                case Trouble.Unavailable:
                    foreach (var name in Names) Directory.CreateDirectory(Path.Combine(Place, name)); // can be neither read nor written
                    return Expectation.Usual;
                default:
                    return Expectation.Not("a file of our own is there or not, and is read and written at once");
            }
        }
    }
}
