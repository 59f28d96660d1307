namespace Soar.Testing;

/// <summary>
/// Real alerts, mails and documents that nobody here wrote, in a folder <c>shared/data</c> beside the checkout. Tests that read them are skipped,
/// and say so, where the folder is absent.
/// </summary>
public static class SharedSamples
{
    public static string? Folder { get; } = Find();

    public const string Absent = "the folder shared/data is not beside this checkout";

    /// <summary>Full path of a file below shared/data; null where the folder is absent.</summary>
    public static string? File(string relative) => Folder is null ? null : Path.Combine(Folder, relative);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }
}
