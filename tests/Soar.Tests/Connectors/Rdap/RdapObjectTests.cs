using System.Text;
using Soar.Connectors.Rdap;

namespace Soar.Tests.Connectors.Rdap;

public sealed class RdapObjectTests
{
    public static IEnumerable<TheoryDataRow<string>> Files => Samples.Files("rdap").DefaultIfEmpty("").Select(file => new TheoryDataRow<string>(file));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_recorded_answer_is_read(string file)
    {
        Assert.SkipWhen(file.Length == 0, Soar.Testing.SharedSamples.Absent);
        var answer = RdapObject.Parse(Samples.Bytes(file));
        var bootstrap = file.EndsWith("ipv4.json", StringComparison.Ordinal) || file.EndsWith("dns.json", StringComparison.Ordinal);
        // an ARIN autnum of 2021 lacks objectClassName: then its handle tells
        Assert.True(bootstrap || answer.Class.Length > 0 || answer.ErrorCode is not null || answer.Handle is not null, "neither an object nor an error");
    }

    [Fact]
    public void A_real_network_gives_its_owner_and_abuse_desk()
    {
        var answer = RdapObject.Parse(Samples.Bytes("rdap/whoisit__data_rdap_response_ip_v4.json"));
        var address = IpAddress.Parse("1.1.1.1");
        Assert.Equal("1.1.1.0/24", RdapClient.Network(answer, address)!.Value.Text);
        Assert.Null(RdapClient.Network(answer, IpAddress.Parse("1.1.2.1")));
        Assert.Equal("APNIC-LABS", RdapClient.OwnerName(answer));
        Assert.Equal(["helpdesk@apnic.net"], RdapClient.AbuseMails(answer).Select(mail => mail.Value));
    }

    [Fact]
    public void The_abuse_contact_is_found_inside_the_registrant()
    {
        var answer = RdapObject.Parse(Samples.Bytes("rdap/whoisit__data_rdap_response_asn.json"));
        Assert.Equal("abuse@cloudflare.com", RdapClient.AbuseMails(answer)[0].Value);
        Assert.Equal("Cloudflare, Inc.", RdapClient.OwnerName(answer));
    }

    [Fact]
    public void Redactions_are_named_and_emptied_values_count_as_missing()
    {
        var answer = RdapObject.Parse(Samples.Bytes("rdap/icann-rdap__lookup_with_redaction.json"));
        Assert.Contains("Registrant Email", answer.Redacted);
        Assert.Null(answer.Entities[1].Card.Name);
        Assert.Equal("Example Inc.", answer.Entities[2].Card.Organisation);
        Assert.Equal(["abuse@organization.example"], RdapClient.AbuseMails(answer).Select(mail => mail.Value));
    }

    [Fact]
    public void An_error_is_an_error()
    {
        var answer = RdapObject.Parse(Samples.Bytes("rdap/icann-rdap__error_ripe_net.json"));
        Assert.Equal(501, answer.ErrorCode);
        Assert.Equal("501 Not Implemented Nameserver not supported", answer.Title);
    }

    [Fact]
    public void Several_mails_come_in_order_of_preference_and_invalid_ones_are_left_out()
    {
        var answer = RdapObject.Parse(Encoding.UTF8.GetBytes("""
            {"objectClassName":"ip network","entities":[{"roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","ISP"],["org",{},"text",["ISP Ltd","Unit"]],["email",{},"text","office@isp.example"]]],
              "entities":[{"roles":["Abuse","noc"],"vcardArray":["vcard",[["email",{},"text","second@isp.example"],["email",{"pref":"1"},"text","abuse@isp.example"],["email",{},"text",""],["email",{},"text","see website"],["email",{"pref":1},"text","ABUSE@isp.example"]]]}]}]}
            """));
        Assert.Equal(["abuse@isp.example", "second@isp.example"], RdapClient.AbuseMails(answer).Select(mail => mail.Value));
        Assert.Equal("ISP Ltd", RdapClient.OwnerName(answer));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("null")]
    [InlineData("{\"entities\":{}, \"links\":[1,null,\"x\"], \"redacted\":[{}], \"cidr0_cidrs\":[{\"v4prefix\":\"1.2.3.4\",\"length\":\"x\"}], \"errorCode\":\"x\", \"startAddress\":7}")]
    [InlineData("{\"entities\":[1,{\"vcardArray\":[\"vcard\"]},{\"vcardArray\":[\"vcard\",[[],[\"email\"],[1,2,3,4],[\"email\",1,2,[]],[\"fn\",{},\"text\",{}]]],\"roles\":[7]}]}")]
    public void Answers_of_the_wrong_shape_are_read_as_having_nothing(string json)
    {
        var answer = RdapObject.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Empty(RdapClient.AbuseMails(answer));
        Assert.Equal("unknown", RdapClient.OwnerName(answer));
    }

    [Theory]
    [InlineData("193.0.6.139", "https://rdap.db.ripe.net/")]
    [InlineData("8.8.8.8", "https://rdap.arin.net/registry/")]
    [InlineData("1.1.1.0/24", "https://rdap.apnic.net/")]
    [InlineData("200.1.2.3", "https://rdap.lacnic.net/rdap/")]
    [InlineData("41.0.0.1", "https://rdap.afrinic.net/rdap/")]
    [InlineData("2a00:1450::1", "https://rdap.db.ripe.net/")]
    [InlineData("3fff::1", null)]
    [InlineData("2600::1", "https://rdap.arin.net/registry/")]
    public void The_shipped_bootstrap_knows_which_registry_answers(string address, string? registry) =>
        Assert.Equal(registry, RdapBootstrap.Shipped().Find(IpAddress.Parse(address))?.AbsoluteUri);

    [Fact]
    public void The_shipped_bootstrap_agrees_with_IANAs_file_for_every_block()
    {
        var folder = Directory.CreateTempSubdirectory("soar-boot-");
        File.Copy(Samples.Path("rdap/rdap__ipv4.json"), Path.Combine(folder.FullName, "ipv4.json"));
        File.WriteAllText(Path.Combine(folder.FullName, "ipv6.json"), """{"services":[]}""");
        var theirs = RdapBootstrap.From(folder.FullName);
        folder.Delete(recursive: true);
        var ours = RdapBootstrap.Shipped();
        for (var block = 1; block < 224; block++)
        {
            var address = IpAddress.Parse($"{block}.1.2.3");
            Assert.Equal(theirs.Find(address), ours.Find(address));
        }
    }
}
