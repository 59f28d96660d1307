using Soar.Testing;

namespace Soar.Lab.Tests.Range;

/// <summary>A real rsyslogd that takes messages on a socket of its own and forwards them to Soar by TLS with a client certificate, counted.</summary>
internal sealed class Collector : LabServer
{
    /// <param name="port">Where Soar listens.</param>
    /// <param name="soar">Soar's certificate, by its name.</param>
    /// <param name="client">Ours.</param>
    public Collector(int port, (string Name, TestCertificate Certificate) soar, TestCertificate client) : base("rsyslog") => Stand(() =>
    {
        File.WriteAllText(In("rsyslog.conf"), $$"""
            global(workDirectory="{{Folder}}" defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="{{soar.Certificate.CaFile}}" defaultNetstreamDriverCertFile="{{client.Files}}" defaultNetstreamDriverKeyFile="{{client.Files}}" localHostname="fw1.cert.example")
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="{{In("log")}}" UseSpecialParser="off" RateLimit.Interval="0")
            action(type="omfwd" target="127.0.0.1" port="{{port}}" protocol="tcp" StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="{{soar.Name}}" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList")

            """);
        Server = Tools.Serve(Words, "rsyslogd", "-n", "-f", In("rsyslog.conf"), "-i", In("pid"));
        Tools.Until(() => File.Exists(In("log")), TimeSpan.FromSeconds(20), Server, Words);
    });

    /// <summary>What it says itself.</summary>
    public string Words => In("words");

    public static void Require()
    {
        Tools.Require("rsyslogd", "logger");
        Assert.SkipUnless(Directory.EnumerateFiles("/usr/lib", "lmnsd_ossl.so", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 }).Any(), "rsyslog-openssl is not installed on this machine");
    }

    /// <summary>As a program of the machine says it.</summary>
    public void Say(string program, string priority, string message) => Tools.Must("logger", "-u", In("log"), "--rfc5424=notq", "--id=4711", "-t", program, "-p", priority, "--sd-id", "soar@32473", "--sd-param", "inc=\"42\"", message);
}
