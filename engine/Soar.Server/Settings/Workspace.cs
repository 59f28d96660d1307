using System.Text;
using Soar.Server.Node;

namespace Soar.Server.Settings;

/// <summary>
/// Where a command works: the settings file, the playbooks' folder and the store's folder. Found without set-up: <c>--settings</c>, else <c>soar.yaml</c>
/// in the current folder or its <c>playbooks</c> folder, or in any folder above; the store is <c>.soar</c> in the current folder.
/// </summary>
internal sealed record Workspace(string? SettingsPath, string Playbooks, string Store, string Connectors)
{
    public string Templates => Path.Combine(Playbooks, "templates");

    /// <summary>What files that the settings name are relative to.</summary>
    public string SettingsFolder => SettingsPath is null ? Playbooks : Path.GetDirectoryName(Path.GetFullPath(SettingsPath))!;

    /// <summary>Compiled playbooks, shared by all stores of this user: <c>SOAR_CACHE</c>, else <c>$XDG_CACHE_HOME/soar</c>, else <c>~/.cache/soar</c>.</summary>
    public string Cache => Environment.GetEnvironmentVariable("SOAR_CACHE")
        ?? Path.Combine(Environment.GetEnvironmentVariable("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "soar");

    /// <summary>Where a connector instance keeps what is its own. A name cannot lead out of the store, whatever it holds.</summary>
    public string OwnFolder(string instance) => Path.Combine(Store, "connectors", Uri.EscapeDataString(instance).Replace(".", "%2E", StringComparison.Ordinal));

    /// <summary>What mails' links and codes are made from.</summary>
    public string LinkKey => Path.Combine(Store, "answer.key");

    public string Socket => Path.Combine(Store, "soar.sock");

    /// <summary>
    /// Makes the store's folder where there is none yet. Journals hold what people wrote and what attackers sent, so it is for the user that runs Soar alone; a folder that is there keeps its rights.
    /// </summary>
    public void MakeStore()
    {
        if (Encoding.UTF8.GetByteCount(Socket) is var length && length > OwnerSocket.LongestPath)
            throw new SoarException("SOAR5005", $"The path {Socket} is too long for a socket: it has {length} bytes and may have {OwnerSocket.LongestPath}. Keep the store in a folder with a shorter path, or name it by a symbolic link.");
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Store);
            else Directory.CreateDirectory(Store, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new SoarException("SOAR5005", $"The store's folder {Store} cannot be made ({error.Message}). Give the user that runs soar the right to write there, or another --store.", error);
        }
    }

    public static Workspace Find(string? settings, string? playbooks, string? store)
    {
        var path = settings ?? Environment.GetEnvironmentVariable("SOAR_SETTINGS") ?? Search(Environment.CurrentDirectory);
        if (path is not null && !File.Exists(path)) throw new SoarException("SOAR4003", $"There is no settings file '{path}'.");
        var (storeSetting, playbooksSetting, connectorsSetting) = path is null ? (null, null, null) : SettingsFile.Folders(path);
        var home = path is null ? null : Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new Workspace(
            path,
            Path.GetFullPath(playbooks ?? (playbooksSetting is null ? home ?? "playbooks" : Path.Combine(home!, playbooksSetting))),
            Path.GetFullPath(store ?? Environment.GetEnvironmentVariable("SOAR_STORE") ?? (storeSetting is null ? ".soar" : Path.Combine(home!, storeSetting))),
            Path.GetFullPath(Path.Combine(home ?? ".", connectorsSetting ?? "connectors")));
    }

    /// <summary>Every playbook of the folder, in order; none where there is no folder.</summary>
    public IReadOnlyList<string> PlaybookFiles() => Directory.Exists(Playbooks) ? [.. Directory.GetFiles(Playbooks, "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    /// <summary>A playbook by path, or by name anywhere in the playbooks' folder.</summary>
    public string Playbook(string nameOrPath)
    {
        if (File.Exists(nameOrPath)) return Path.GetFullPath(nameOrPath);
        if (nameOrPath.EndsWith(".csx", StringComparison.Ordinal))
            throw new SoarException("SOAR5004", $"There is no file '{nameOrPath}'.");
        var files = PlaybookFiles();
        var named = files.Where(f => Path.GetFileNameWithoutExtension(f) == nameOrPath).ToList();
        return named.Count switch
        {
            1 => named[0],
            0 => throw new SoarException("SOAR5004", $"There is no playbook '{nameOrPath}' in {Playbooks}."
                + (files.Count == 0 ? " The folder holds none; 'soar new <name>' makes one." : YamlBinder.Suggest(nameOrPath, files.Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)))),
            _ => throw new SoarException("SOAR5004", $"'{nameOrPath}' is the name of {named.Count} files: {string.Join(", ", named)}. Give the path."),
        };
    }

    private static string? Search(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            foreach (var candidate in new[] { Path.Combine(current.FullName, "soar.yaml"), Path.Combine(current.FullName, "playbooks", "soar.yaml") })
                if (File.Exists(candidate)) return candidate;
        }

        return null;
    }
}
