namespace Soar.Tests.Connectors;

/// <summary>Real-world samples beside the repository (or where SOAR_DATA says). Tests that need them skip with a reason where they are absent.</summary>
internal static class SharedData
{
    public static string? Folder { get; } = Find();

    public static string Path(string relative)
    {
        Assert.SkipWhen(Folder is null, "the sample data (../shared/data, or the folder that SOAR_DATA names) is not on this machine");
        return System.IO.Path.Combine(Folder!, relative);
    }

    public static byte[] Bytes(string relative) => File.ReadAllBytes(Path(relative));

    public static string Text(string relative) => File.ReadAllText(Path(relative));

    /// <summary>Paths relative to the folder, sorted; empty where the data is absent.</summary>
    public static IEnumerable<string> Files(string folder, string pattern = "*") => Folder is null || !Directory.Exists(System.IO.Path.Combine(Folder, folder))
        ? []
        : Directory.EnumerateFiles(System.IO.Path.Combine(Folder, folder), pattern).Where(file => !file.EndsWith("MANIFEST.tsv", StringComparison.Ordinal))
            .Select(file => folder + "/" + System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public static IEnumerable<string> Mails => Files("eml").Concat(Files("eml-spamassassin")).Concat(Files("dmarc-arf", "*.eml"));

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("SOAR_DATA") is { Length: > 0 } given)
            return given;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
