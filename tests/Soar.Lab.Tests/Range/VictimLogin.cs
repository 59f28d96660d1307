namespace Soar.Lab.Tests.Range;

/// <summary>A real sshd on the range's victim that takes passwords, and what an attacker does to it.</summary>
public sealed class VictimLogin : LabServer
{
    private readonly NetworkRange range;

    public VictimLogin(NetworkRange range) : base("login")
    {
        this.range = range;
        Stand(Start);
    }

    public static void Require() => Tools.Require("sshd", "ssh", "ssh-keygen");

    /// <summary>Knocks at many ports, one SYN each.</summary>
    public void Scan() => Tools.Must("ip", "netns", "exec", range.Attacker, "python3", "-c",
        $"import socket\nfor port in range(1, 120):\n  s = socket.socket()\n  s.settimeout(1)\n  s.connect_ex(('{NetworkRange.Victim4}', port))\n  s.close()");

    /// <summary>Guesses passwords, one login each. None is right.</summary>
    public void Guess(string user, params string[] passwords)
    {
        File.WriteAllText(In("say"), "#!/bin/sh\necho \"$SAY\"\n");
        Tools.Must("chmod", "700", In("say"));
        var guesses = passwords.Select(password => Tools.Start("ip", "netns", "exec", range.Attacker, "env", $"SAY={password}", $"SSH_ASKPASS={In("say")}", "SSH_ASKPASS_REQUIRE=force", "ssh", "-F", "none", "-T",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=password", "-o", "NumberOfPasswordPrompts=1", "-o", "ConnectTimeout=10", $"{user}@{NetworkRange.Victim4}", "true")).ToList();
        foreach (var guess in guesses)
        {
            guess.StandardInput.Close();
            guess.WaitForExit();
            Assert.True(guess.ExitCode == 255, "a guessed password was right");
            guess.Dispose();
        }

        Assert.Contains($"Failed password for invalid user {user}", File.ReadAllText(In("log")));
    }

    private void Start()
    {
        Tools.Must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", In("host"));
        File.WriteAllText(In("sshd.conf"), $"""
            Port 22
            ListenAddress {NetworkRange.Victim4}
            HostKey {In("host")}
            PidFile {In("sshd.pid")}
            PasswordAuthentication yes
            KbdInteractiveAuthentication no
            PubkeyAuthentication no
            PermitRootLogin no
            UsePAM no
            UseDNS no
            MaxStartups 50

            """);
        Directory.CreateDirectory("/run/sshd");
        Server = Tools.Start("ip", "netns", "exec", range.Victim, Tools.Find("sshd")!, "-D", "-f", In("sshd.conf"), "-E", In("log"));
        Tools.Until(() => File.Exists(In("log")) && File.ReadAllText(In("log")).Contains("Server listening", StringComparison.Ordinal), TimeSpan.FromSeconds(30), Server, In("log"));
    }
}
