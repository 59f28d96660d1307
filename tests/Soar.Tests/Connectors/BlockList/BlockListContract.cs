using Soar.Capabilities;
using Soar.Connectors.BlockList;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.BlockList;

/// <summary>The other side is a file of our own; what pollers see of it is <see cref="BlockListServerTests"/>'s.</summary>
public sealed class BlockListContract : ConnectorSuite<BlockListConnector, BlockListSettings, BlockListContract.ListFile>
{
    protected override ListFile Double() => new();

    protected override BlockListSettings Settings(ListFile other) => new() { Port = LoopbackPort.Take(), Lists = new Dictionary<string, ServedListSettings> { ["edge"] = new() { Token = Canary } } };

    protected override IEnumerable<(BlockListSettings Settings, string Field)> Wrong(BlockListSettings good) =>
    [
        (good with { Port = 0 }, "port"), (good with { Listen = IpAddress.Parse("0.0.0.0") }, "listen"), (good with { Certificate = "/nowhere" }, "certificate"), (good with { Key = "/nowhere" }, "key"),
        (good with { Lists = new Dictionary<string, ServedListSettings>() }, "lists"), (good with { Lists = new Dictionary<string, ServedListSettings> { ["edge"] = new() } }, "lists.edge.token"),
        (good with { MaxEntries = 0 }, "maxEntries"), (good with { WidestV4 = 0 }, "widestV4"), (good with { WidestV6 = 0 }, "widestV6"),
    ];

    // A list that cannot be written can still be read.
    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => trouble == Trouble.Unavailable && action.Effect == Effect.ReadsOnly ? Expectation.NoTrouble : null;

    public sealed class ListFile : OtherSide
    {
        private readonly TempFolder folder = new();

        private string Path => System.IO.Path.Combine(folder.Path, "connectors", "instance", "block-list.json");

        // The times in it move by themselves.
        public override string State => File.Exists(Path) ? System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(Path), "\"(until|since)\":\"[^\"]*\"", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)) : Empty;

        private const string Empty = """{"version":1,"entries":[]}""";
        public override Task WhenAsked => Task.CompletedTask;
        public override string Folder => folder.Path;

        public override ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }

        protected override Expectation Bring(Trouble trouble, bool changesOnly)
        {
            switch (trouble)
            {
                case Trouble.Garbage:
                    folder.File("connectors/instance/block-list.json", "{ no list");
                    return Expectation.Means(FailureKind.Permanent);
                case Trouble.Unavailable:
                    Directory.CreateDirectory(Path + ".new"); // as on a full disk, the draft cannot be made
                    return Expectation.Means(FailureKind.Transient);
                default:
                    return Expectation.Not("a file of our own is there or not, and is read and written at once");
            }
        }
    }
}
