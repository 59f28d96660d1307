using Soar.Capabilities;
using Soar.Scripting;
using Soar.Scripting.Compile;

namespace Soar.Tests.Scripting.Compile;

/// <summary>One surface and one warm builder for all compiler tests.</summary>
internal static class Compiling
{
    public const string Head = "Playbook(\"test\", version: \"1.0.0\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n";

    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"soar-compile-{Environment.ProcessId}")).FullName;

    public static ActionCatalog Catalog { get; } = new();

    public static PlaybookSurface Surface { get; } = PlaybookSurface.Of(Catalog, Folder);

    public static PlaybookBuilder Builder { get; } = new(Surface);

    public static Task<BuildResult> BuildAsync(string text, string file = "test.csx") => Builder.BuildAsync(text, file, new BuildOptions(), CancellationToken.None);

    /// <summary>Builds a body under a standard header and fails on any error.</summary>
    public static async Task<BuildResult> GoodAsync(string text)
    {
        var result = await BuildAsync(text);
        Assert.True(result.Succeeded, string.Join('\n', result.Diagnostics));
        return result;
    }

    public static string Repository { get; } = FindRepository();

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Soar.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Soar.sln is not above the tests.");
        return folder;
    }
}
