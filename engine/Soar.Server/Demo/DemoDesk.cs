using System.Reflection;
using System.Text.Json;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Server.Settings;

namespace Soar.Server.Demo;

/// <summary>
/// <c>soar serve --demo</c>: a small SOC in a folder of its own. The shipped playbooks, a sensor whose file is followed for real (<see cref="DemoSensor"/>), and simulated firewalls, mail and
/// tickets. What people do in it stays there until the folder is deleted; their passwords are made anew at every start, so that none is known to anybody else.
/// </summary>
internal sealed class DemoDesk
{
    private const string Administrator = "marija";

    private static readonly (string Name, string Shown, string Role, string Does)[] People =
    [
        ("ana", "Ana (analyst, shift lead)", Access.Analyst, "decides what waits in the inbox"),
        ("boris", "Boris (engineer)", Access.Engineer, "writes playbooks"),
        ("vera", "Vera (auditor)", Access.Auditor, "reads the record"),
    ];

    private DemoDesk(string folder)
    {
        Folder = folder;
        var playbooks = Path.Combine(folder, "playbooks");
        Workspace = new Workspace(Path.Combine(playbooks, "soar.yaml"), playbooks, Path.Combine(folder, "store"), Path.Combine(folder, "connectors"));
    }

    public string Folder { get; }
    public Workspace Workspace { get; }
    private string KeyFile => Path.Combine(Folder, "credentials.key");
    public string SensorFile => Path.Combine(Folder, "sensor", "eve.json");

    /// <param name="folder">Made where it is not there yet. One with something else in it is refused: nothing of somebody's is written over.</param>
    public static DemoDesk At(string folder)
    {
        var desk = new DemoDesk(Path.GetFullPath(folder));
        desk.Prepare();
        return desk;
    }

    private void Prepare()
    {
        var mark = Path.Combine(Folder, "DEMO");
        if (Directory.Exists(Folder) && !File.Exists(mark) && Directory.EnumerateFileSystemEntries(Folder).Any())
            throw new SoarException("SOAR5009", $"The folder {Folder} is not empty and holds no demonstration of Soar, so nothing was written there. Give --store a new folder, or none: then it is .soar-demo here.");
        Directory.CreateDirectory(Path.GetDirectoryName(SensorFile)!);
        File.WriteAllText(mark, "A demonstration of Soar (soar serve --demo). Delete this folder to be rid of it.\n");
        foreach (var file in Directory.EnumerateFiles(Shipped, "*", SearchOption.AllDirectories)) Put(file, Path.Combine(Workspace.Playbooks, Path.GetRelativePath(Shipped, file)));
        Write("soar.yaml", Workspace.SettingsPath!);
        if (!File.Exists(KeyFile)) File.WriteAllText(KeyFile, KeyRing.NewKey());
        Write("known-bad.csv", Path.Combine(Workspace.Playbooks, "indicators", "known-bad.csv"));
    }

    /// <summary>Makes its people where there are none, gives everybody a new password, and tells them.</summary>
    public async Task TellPeopleAsync(SoarNode node, Terminal terminal, string address)
    {
        var administrator = OneTime.Make()[..20];
        if (await node.Logins.OfferSetUpAsync() is { } code) await node.Logins.SetUpAsync(new SetUpCall(code, Administrator, "Marija (head of SOC)", administrator));
        else administrator = await NewPasswordAsync(node.Logins, Administrator, null);
        terminal.Line($"[yellow]This is a demonstration[/] in {Terminal.Safe(Folder)}: attacks are made up; firewalls, mail and tickets are simulated. Sign in at {Terminal.Safe(address)} as");
        foreach (var (name, shown, role, does) in People)
        {
            var known = await node.Reader.Accounts.FindAsync(name);
            var offered = known is null ? (await node.Logins.AddUserAsync(new AddUserCall(name, shown, [role], Administrator, Storage.Grant.Everything))).Code : null;
            terminal.Line($"  {name,-8} {await NewPasswordAsync(node.Logins, name, offered)}  {does}");
        }

        terminal.Line($"  {Administrator,-8} {administrator}  administers, and is the head of the SOC");
    }

    private static async Task<string> NewPasswordAsync(Logins logins, string name, string? code)
    {
        var password = OneTime.Make()[..20];
        await logins.SetPasswordAsync(new SetPasswordCall(code ?? (await logins.OfferCodeAsync(new OfferCodeCall(name, Administrator))).Code, password));
        return password;
    }

    // The playbooks as the build put them beside the program.
    private static string Shipped => Path.Combine(AppContext.BaseDirectory, "demo");

    // Somebody may have changed a playbook to try something: it stays.
    private static void Put(string from, string to)
    {
        if (File.Exists(to)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to);
    }

    private void Write(string resource, string to)
    {
        if (File.Exists(to)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream($"demo/{resource}")!);
        File.WriteAllText(to, text.ReadToEnd().Replace("SENSOR-FILE", JsonSerializer.Serialize(SensorFile), StringComparison.Ordinal));
    }
}
