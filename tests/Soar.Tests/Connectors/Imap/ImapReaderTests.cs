using System.Text;
using Soar.Connectors.Imap;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Imap;

public sealed class ImapReaderTests
{
    private static async Task<ImapResponse> Read(string wire, TakeMail? take = null) =>
        await new ImapReader(new MemoryStream(Encoding.Latin1.GetBytes(wire))).ReadAsync(take, CancellationToken.None);

    [Fact]
    public async Task An_answer_is_taken_apart_with_lists_quoted_texts_literals_and_NIL()
    {
        var fetch = await Read("* 12 FETCH (FLAGS (\\Seen $Work) ENVELOPE (\"a \\\"b\\\" \\\\\" NIL {5}\r\n(x\")} ((\"n\" NIL))) BODY[HEADER.FIELDS (SUBJECT DATE)]<0> \"\")\r\n");
        Assert.Equal(("*", "FETCH", 12u), (fetch.Tag, fetch.Word, fetch.Number));
        var items = Assert.Single(fetch.Values).Items!;
        Assert.Equal(["FLAGS", null, "ENVELOPE", null, "BODY[HEADER.FIELDS (SUBJECT DATE)]<0>", ""], items.Select(item => item.Raw));
        Assert.Equal(["\\Seen", "$Work"], items[1].Items!.Select(flag => flag.Raw));
        Assert.Equal(["a \"b\" \\", null, "(x\")}"], items[3].Items!.Take(3).Select(value => value.Raw));
        Assert.Equal("n", items[3].Items![3].Items![0].Items![0].Raw);
        Assert.Same(ImapValue.Nil, items[3].Items![1]);
    }

    [Theory]
    [InlineData("* OK [UIDVALIDITY 17] UIDs \"valid\" (yes) {5}\r\n", "*", "OK", "UIDVALIDITY", "17", "UIDs \"valid\" (yes) {5}")]
    [InlineData("s1 no [TRYCREATE] make it\r\n", "s1", "NO", "TRYCREATE", "", "make it")]
    [InlineData("s1 OK [COPYUID 3 4 5] moved\r\n", "s1", "OK", "COPYUID", "3 4 5", "moved")]
    [InlineData("* BYE\r\n", "*", "BYE", "", "", "")]
    [InlineData("* OK [never closed\r\n", "*", "OK", "", "", "[never closed")]
    public async Task What_the_server_says_is_text_to_its_end(string wire, string tag, string word, string code, string argument, string words)
    {
        var answer = await Read(wire);
        Assert.Equal(tag, answer.Tag);
        Assert.Equal(new ImapStatus(word, code, argument, words), answer.Status);
    }

    [Fact]
    public async Task A_mail_is_handed_on_as_it_comes_and_nothing_of_it_is_kept()
    {
        var mail = "From: a@b.example\r\n\r\n) * OK {3}\r\n\0\xFF";
        long said = 0;
        byte[] taken = [];
        var answer = await Read($"* 1 FETCH (UID 9 BODY[] {{{mail.Length}}}\r\n{mail} FLAGS ())\r\n", async (size, content, cancellation) =>
        {
            said = size;
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, cancellation);
            taken = bytes.ToArray();
        });
        Assert.Equal(mail.Length, said);
        Assert.Equal(Encoding.Latin1.GetBytes(mail), taken);
        Assert.Equal(["UID", "9", "BODY[]", "", "FLAGS", null], answer.Values[0].Items!.Select(item => item.Raw));
    }

    public static TheoryData<string> Hostile =>
    [
        "* \r\n", "\r\n", "*\r\n", "* 99999999999 EXISTS\r\n", "* 1\r\n", "* LIST (\r\n", "* LIST )\r\n", "* LIST \"x\r\n", "* LIST {3}x\r\n", "* FETCH (BODY[\r\n", "* X {99999999999999999999}\r\n", "* X {9000000}\r\n",
        "* X " + new string('(', 40) + new string(')', 40) + "\r\n", "* X \"{3}\r\nabc\"\r\n", "* X a[{3}\r\nabc]\r\n",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task What_is_no_IMAP_is_said_and_never_guessed(string wire) =>
        Assert.Contains("server's answer", (await Assert.ThrowsAsync<InvalidDataException>(() => Read(wire))).Message);

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        Assert.Contains("larger than", (await Assert.ThrowsAsync<InvalidDataException>(() => Read("* SEARCH " + new string('1', ImapReader.MostBytes)))).Message);
        Assert.Contains("more than 1000000 values", (await Assert.ThrowsAsync<InvalidDataException>(() => Read("* SEARCH" + string.Concat(Enumerable.Repeat(" 1", 1_000_001)) + "\r\n"))).Message);
        Assert.Contains("literals", (await Assert.ThrowsAsync<InvalidDataException>(() => Read("* X" + string.Concat(Enumerable.Repeat(" {0}\r\n", 20_000))))).Message);
        await Assert.ThrowsAsync<IOException>(() => Read("* OK half a li"));
    }

    [Fact]
    public async Task A_summary_gives_what_is_needed_to_find_and_match_a_mail()
    {
        var answer = await Read(ScriptedImap.Fetch(5, "Message-ID: <a@b.example>\nFrom: =?utf-8?B?0JDQvdCw?= <ana@b.example>\nSubject: =?utf-8?Q?=D0=90?=\nReferences: <x@y> <z@y>", received: " 7-Jul-2026 02:44:25 +0200", flags: "\\Seen") + "\r\n");
        var mail = ImapMessage.From(answer)!;
        Assert.Equal((5u, 100L, "a@b.example", "А"), (mail.Uid, mail.Size, mail.MessageId, mail.Header.Subject));
        Assert.Equal(new DateTimeOffset(2026, 7, 7, 0, 44, 25, TimeSpan.Zero), mail.Received);
        Assert.Contains("\\seen", mail.Flags);
        Assert.Equal(["x@y", "z@y"], mail.Header.References);
        Assert.Equal("ana@b.example", mail.Header.From[0].Address);
    }

    [Fact]
    public void Texts_are_quoted_or_literals_and_a_line_break_never_ends_a_command()
    {
        string Wire(string text, int atOnce) => string.Join("|", new ImapCommand("LOGIN").Text("u").Text(text).Then("X").Wire("s1", atOnce).Select(Encoding.UTF8.GetString));
        Assert.Equal("s1 LOGIN \"u\" \"a \\\"b\\\\\" X\r\n", Wire("a \"b\\", -1));
        Assert.Equal("s1 LOGIN \"u\" {8}\r\n|a\r\ns2 NO X\r\n", Wire("a\r\ns2 NO", -1));
        Assert.Equal("s1 LOGIN \"u\" {4+}\r\nда X\r\n", Wire("да", 4_096));
        Assert.Equal("s1 LOGIN \"u\" {1500}\r\n|" + new string('x', 1_500) + " X\r\n", Wire(new string('x', 1_500), 1_000));
        Assert.Equal("argument", Assert.Throws<Soar.Capabilities.ConnectorFailure>(() => Wire("a\0b", -1)).Reason);
        Assert.Equal("LOGIN", new ImapCommand("LOGIN").Text("u").Text("пароль").Name);
        Assert.Equal("s1 A {2+}\r\nд {2+}\r\nа \"z\")\r\n", string.Concat(new ImapCommand("A").Text("д").Text("а").Text("z").Close().Wire("s1", 9).Select(Encoding.UTF8.GetString)));
    }

    [Theory]
    [InlineData("INBOX", "INBOX")]
    [InlineData("Tom & Jerry", "Tom &- Jerry")]
    [InlineData("Карантин", "&BBoEMARABDAEPQRCBDgEPQ-")]
    [InlineData("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-")]
    [InlineData("a😀b", "a&2D3eAA-b")]
    public void Folder_names_travel_in_IMAPs_own_UTF_7(string name, string wire)
    {
        Assert.Equal(wire, Utf7.EncodeFolder(name));
        Assert.Equal(name, Utf7.DecodeFolder(wire));
    }

    [Theory]
    [InlineData("&2D0-", "\uFFFD")]
    [InlineData("a&", "a")]
    [InlineData("&BB", "")]
    [InlineData("x&BBo", "xК")]
    [InlineData("&BBo-&BDA-", "Ка")]
    [InlineData("Ð\u009a", "К")] // UTF-8 unasked
    public void Broken_folder_names_are_shown_as_far_as_they_go(string wire, string name) => Assert.Equal(name, Utf7.DecodeFolder(wire));
}
