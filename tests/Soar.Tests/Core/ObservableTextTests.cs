using System.Text;
using Soar.Connectors.Mime;
using Soar.Tests.Connectors;

namespace Soar.Tests.Core;

public sealed class ObservableTextTests
{
    /// <summary>A text and what must be found in it, as <c>type value</c>.</summary>
    public static TheoryData<string, string[]> Hits => new()
    {
        { "Traffic from 203.0.113.7 and 2001:DB8::1 was seen.", ["ip 203.0.113.7", "ip 2001:db8::1"] },
        { "Block 203.0.113.0/24, then 198.51.100.7:443.", ["ip 203.0.113.0/24", "ip 198.51.100.7"] },
        { "It asked for http://203.0.113.7/gate.php?id=1.", ["url http://203.0.113.7/gate.php?id=1"] },
        { "(see https://evil.example/a_(b).html)", ["url https://evil.example/a_(b).html"] },
        { "Go to HXXPS://Evil[.]Example/path now", ["url https://evil.example/path"] },
        { "hxxp[://]evil(.)example[:]8080/x", ["url http://evil.example:8080/x"] },
        { "h**p://bad[dot]example/", ["url http://bad.example/"] },
        { "www.evil.co.uk/login and www.evil.mk", ["url http://www.evil.co.uk/login", "domain www.evil.mk"] },
        { "C2: evil[.]com, c2.evil[.]rs; 203[.]0[.]113[.]9", ["domain evil.com", "domain c2.evil.rs", "ip 203.0.113.9"] },
        { "Domains: мвр.мкд and bücher.example", ["domain xn--b1atn.xn--d1alf", "domain xn--bcher-kva.example"] },
        { "Write to Attacker@Evil.Example or abuse[at]provider[.]net", ["email attacker@evil.example", "email abuse@provider.net"] },
        { "<mailto:soc@mvr.gov.mk>", ["email soc@mvr.gov.mk"] },
        { "MD5 44D88612FEA8A8F36DE82E1278ABB02F", ["md5 44d88612fea8a8f36de82e1278abb02f"] },
        { "sha1:3395856ce81f2b7382dee72602f798b642f14140", ["sha1 3395856ce81f2b7382dee72602f798b642f14140"] },
        { "src:203.0.113.7 IP:203.0.113.8 src_ip:2001:db8::9", ["ip 203.0.113.7", "ip 203.0.113.8", "ip 2001:db8::9"] },
        { "domain:evil.example From:attacker@evil.example", ["domain evil.example", "email attacker@evil.example"] },
        { "evil.example/path/login.php", ["domain evil.example"] },
        { "SHA512: " + Sha512, ["sha512 " + Sha512] },
        { "sha1 3395856ce81f2b7382dee72602f798b642f14140", ["sha1 3395856ce81f2b7382dee72602f798b642f14140"] },
        { "SHA256=275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f", ["sha256 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"] },
        { "It uses cve-2021-44228 (Log4Shell).", ["cve CVE-2021-44228"] },
        { "Attachment \"Invoice_2026.PDF.exe\" and report.zip, setup.py", ["file invoice_2026.pdf.exe", "file report.zip", "file setup.py"] },
        { @"It wrote C:\Users\ana\AppData\Local\Temp\update.dll and /tmp/.x/run.sh", ["file update.dll", "file run.sh"] },
        { "Resolved update.microsoft.zip[.]evil[.]example", ["domain update.microsoft.zip.evil.example"] },
        { "Google.com, BBC.CO.UK and mvr.gov.mk.", ["domain google.com", "domain bbc.co.uk", "domain mvr.gov.mk"] },
        { "163.com twice: 163.com", ["domain 163.com"] },
        { "report[.]zip was a domain", ["domain report.zip"] },
        { "ftp://files.evil.example/a.bin,", ["url ftp://files.evil.example/a.bin"] },
        { "[2001:db8::7]:443 and fe80::1", ["ip 2001:db8::7", "ip fe80::1"] },
        { "expyuzz4wqqyqhjn.onion", ["domain expyuzz4wqqyqhjn.onion"] },
    };

    private const string Sha512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

    [Theory]
    [MemberData(nameof(Hits))]
    public void What_a_text_names_is_found_in_its_one_spelling(string text, string[] expected) =>
        Assert.Equal(expected, ObservableText.Find(text).Select(o => $"{o.Type} {o.Value}"));

    /// <summary>Words that look like observables and are none; one a line.</summary>
    public static TheoryData<string> NearMisses => [.. Misses.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private const string Misses = """
        nginx:1.25.3.1
        redis:7.2.0.1
        version:1.2.3.4
        std::vector
        ratio 3:2
        src:none
        to:10.5
        and/or
        node.js/express
        asp.net/mvc
        application/vnd.ms-excel
        version 10.0.19.45
        Version: 1.2.3.4
        v1.2.3.4
        V10.4.2.1
        ver. 6.1.7601.17514
        firmware 7.2.4.1
        build 10.0.19041.1
        Chrome/120.0.6099.109
        Mozilla/5.0 (Windows NT 10.0)
        Firefox/115.0.0.1
        openssl-3.0.2.1
        libfoo_1.2.3.4
        nginx@1.2.3.4
        OID 1.3.6.1
        1.3.6.1.4.1.311
        section 4.2.1.3
        § 4.2.1.3
        §4.2.1.3
        verzija 2.0.1.7
        верзија 2.0.1.7
        001.002.003.004
        256.1.1.1
        1.2.3
        1.2.3.4.5
        0.0.0.0
        255.255.255.255
        10.5
        3.14
        12.30
        1,234.56
        12:30:45
        2026-11-24T12:30:45Z
        24.11.2026
        24.11.2026 12:30
        12:30
        1:2:3
        00:1a:2b:3c:4d:5e
        00-1A-2B-3C-4D-5E
        00:11:22:33:44:55:66:77
        ::
        std::string
        abc::def
        Foo::Bar
        dead::beef
        aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99
        e.g. this
        i.e. that
        a.m. or p.m.
        U.S.
        Ph.D.
        etc.
        Node.js is a runtime, v20
        ASP.NET
        VB.NET and ADO.NET
        System.Net
        System.IO
        Microsoft.Identity.Client
        java.io
        java.net.URL
        java.util.zip
        org.apache.commons.io
        com.example.app
        user.name
        file.name
        host.domain
        event.id
        process.name
        this.id
        self.name
        list.map(x)
        os.system(cmd)
        foo.bar
        obj.call(1)
        array.at(0)
        console.info
        document.page
        request.host
        main.rs
        lib.rs
        makefile.mk
        setup.pl
        my_file.name_x
        some_module.rs_x
        it is finished.No more
        the end.In the beginning
        we left it.Is it there
        at 5.pm sharp
        10.ml of water
        100.gr
        99.9%
        $1.50
        1.000.000
        +389.2.3117.222
        tel. 02/3117-222
        ISBN 978-3-16-148410-0
        d41d8cd98f00b204e9800998ecf8427
        d41d8cd98f00b204e9800998ecf8427ea
        12345678901234567890123456789012
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        abababababababababababababababab
        550e8400-e29b-41d4-a716-446655440000
        0123456789012345678901234567890123456789
        CVE-99-1234
        CVE-2021-123
        CVE-2021-ABCD
        CVE 2021 44228
        ACVE-2021-44228
        user@localhost
        user@host
        @mention
        git@github
        a@b
        name@.example
        @evil.example
        http://
        https:///path
        javascript://alert
        http://.
        file://x
        domain.notatld
        evil.exampleX
        foo.localdomain
        server.local
        -leading.-dash
        com
        .mk
        co.uk
        gov.mk
        ...
        README
        .gitignore
        .exe
        foo.
        3.h
        12.c
        step 1.2.3.4
        hxx
        hxxp
        C:\Windows
        /etc/passwd
        AT&T
        Dr.Smith
        """;

    [Theory]
    [MemberData(nameof(NearMisses))]
    public void What_only_looks_like_one_is_left_out(string text) => Assert.Empty(ObservableText.Find($"It said {text} and went on."));

    [Fact]
    public void There_are_more_than_a_hundred_near_misses() => Assert.True(NearMisses.Count >= 100, $"{NearMisses.Count}");

    [Theory]
    [InlineData("url", "https://www.evil.example/a.exe?b=c.d", "hxxps://www[.]evil[.]example/a.exe?b=c.d")]
    [InlineData("domain", "evil.example", "evil[.]example")]
    [InlineData("email", "a.b@evil.example", "a[.]b[@]evil[.]example")]
    [InlineData("ip", "203.0.113.7", "203[.]0[.]113[.]7")]
    [InlineData("ip", "2001:db8::1", "2001[:]db8[:][:]1")]
    [InlineData("md5", "44d88612fea8a8f36de82e1278abb02f", "44d88612fea8a8f36de82e1278abb02f")]
    public void What_is_written_defanged_is_found_again(string type, string value, string defanged)
    {
        var observable = new Observable(type, value);
        Assert.Equal(defanged, Defanged.Write(observable));
        Assert.Equal([observable], ObservableText.Find($"Beware of {defanged} today"));
    }

    [Fact]
    public void Undoing_changes_nothing_in_a_text_without_marks()
    {
        const string Plain = "Nothing [here] (is) {defanged}: hxx, 1.2.3.4, a@b.";
        Assert.Same(Plain, Defanged.Undo(Plain));
    }

    [Theory]
    [InlineData("www.evil.co.uk", "evil.co.uk")]
    [InlineData("a.b.mvr.gov.mk", "mvr.gov.mk")]
    [InlineData("evil.example", "evil.example")]
    [InlineData("www.ck", "www.ck")]
    [InlineData("a.b.c.ck", "b.c.ck")]
    [InlineData("co.uk", null)]
    [InlineData("server.local", null)]
    public void Who_registered_a_name_is_told_by_the_public_suffixes(string name, string? registrable) =>
        Assert.Equal(registrable, PublicSuffixes.Registrable(DomainName.Parse(name))?.Value);

    [Fact]
    public void A_long_hostile_text_takes_one_pass()
    {
        // Ten times the text takes about ten times the work; were it quadratic, this would take minutes.
        var text = new StringBuilder();
        for (var i = 0; i < 50_000; i++) text.Append("http://").Append('a').Append("[.]((((1.1.1.1.1:::: @@@@....hxxp").Append(i % 7 == 0 ? " " : "");
        Assert.NotNull(ObservableText.Find(text.ToString()));
    }

    [Theory]
    [InlineData("Go to https://evil.example/a.exe, or write to me@evil.example.", "Go to hxxps://evil[.]example/a.exe, or write to me[@]evil[.]example.")]
    [InlineData("From 203.0.113.7 and 2001:db8::1: version 1.2.3.4, report.pdf", "From 203[.]0[.]113[.]7 and 2001[:]db8[:][:]1: version 1.2.3.4, report.pdf")]
    [InlineData("hxxp://evil[.]example/ stays so", "hxxp://evil[.]example/ stays so")]
    [InlineData("Nothing is named here. At 12:30:45.", "Nothing is named here. At 12:30:45.")]
    public void A_text_for_people_names_nothing_that_can_be_clicked(string text, string expected) => Assert.Equal(expected, Defanged.Text(text));

    [Fact]
    public void Every_sample_mails_defanged_text_names_the_same_things()
    {
        foreach (var mail in Samples.Mails)
        {
            var body = new MimeCapability(new MimeSettings()).Read(Samples.Bytes(mail));
            Assert.Equal(ObservableText.Find(body.Body), ObservableText.Find(body.DefangedBody));
            Assert.DoesNotMatch("https?://[a-z0-9-]+[.][a-z]", body.DefangedBody);
        }
    }
}
