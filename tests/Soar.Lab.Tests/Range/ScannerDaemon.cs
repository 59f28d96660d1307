using System.Security.Cryptography;

namespace Soar.Lab.Tests.Range;

/// <summary>A real clamd with signatures of the lab's own: EICAR, one file by its hash, one YARA rule. It listens on a loopback port and a Unix socket.</summary>
public sealed class ScannerDaemon : LabServer
{
    /// <summary>The signature by hash knows these bytes and no others.</summary>
    public static readonly byte[] KnownFile = "malicious-lab-sample\n"u8.ToArray();

    /// <summary>clamd takes streams up to this many bytes, which is just above the 64 MiB that must work.</summary>
    public const long Limit = 70L * 1024 * 1024;

    /// <summary>A file larger than this one is not looked at as a whole.</summary>
    public const long LookLimit = 66L * 1024 * 1024;

    private static readonly string[] Programs = ["clamd"];

    public ScannerDaemon() : base("clamd")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public int Port { get; } = LoopbackPort.Take();
    public string Socket => In("clamd.sock");

    /// <summary>EICAR's test file, put together here so that no scanner takes this assembly for it.</summary>
    public static byte[] Eicar { get; } = [.. @"X5O!P%@AP[4\PZX54(P^)7CC)7}$"u8, .. "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"u8];

    public static void Require() => Tools.Require(Programs);

    private void Start()
    {
        Directory.CreateDirectory(In("db"));
        File.WriteAllText(In("db/lab.ndb"), $"Eicar-Lab-Signature:0:0:{Convert.ToHexStringLower(Eicar)}\nPUA.Lab.Tool:0:*:{Convert.ToHexStringLower("unwanted-lab-tool"u8)}\n");
#pragma warning disable CA5351 // the format of ClamAV's hash signatures
        File.WriteAllText(In("db/lab.hdb"), $"{Convert.ToHexStringLower(MD5.HashData(KnownFile))}:{KnownFile.Length}:Lab.Sample.MD5\n");
#pragma warning restore CA5351
        File.WriteAllText(In("db/lab.yar"), "rule Lab_Yara { strings: $a = \"yara-lab-marker\" condition: $a }\n");
        File.WriteAllText(In("clamd.conf"), $"""
            DatabaseDirectory {In("db")}
            LocalSocket {Socket}
            TCPAddr 127.0.0.1
            TCPSocket {Port}
            Foreground yes
            PidFile {In("clamd.pid")}
            OfficialDatabaseOnly no
            ConcurrentDatabaseReload no
            AlertExceedsMax yes
            DetectPUA yes
            StreamMaxLength {Limit}
            MaxFileSize {LookLimit}
            MaxScanSize {Limit}
            SelfCheck 3600

            """);
        Server = Tools.Serve(In("clamd.log"), "clamd", "-c", In("clamd.conf"));
        Tools.Until(() => Tools.Listens("127.0.0.1", Port), TimeSpan.FromSeconds(60), Server, In("clamd.log"));
    }
}
