using System.Text;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Mime;

public sealed class MimeReaderTests
{
    private static MimeMessage Read(string mail) => MimeReader.Read(Encoding.UTF8.GetBytes(mail.ReplaceLineEndings("\r\n")));

    private static MimeDefectCode[] Codes(MimeMessage mail) => [.. mail.Defects.Select(defect => defect.Code)];

    [Fact]
    public void Headers_are_unfolded_and_decoded_and_the_raw_form_is_kept()
    {
        var mail = Read("Subject: =?utf-8?B?0JHQvtC80LHQ?=\n =?utf-8?B?sA==?= at =?iso-8859-1?Q?caf=E9_au?= =?iso-8859-1*fr?Q?_lait?=\n\nx");
        Assert.Equal("Бомба at café au lait", mail.Subject);
        Assert.Contains("\r\n =?utf-8?B?sA==?=", mail.Headers[0].Raw);
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public void An_encoded_word_cannot_forge_a_header_line() =>
        Assert.Equal("a  Bcc: x@y.example", Read("Subject: =?utf-8?Q?a=0D=0ABcc:_x@y.example?=\n\nx").Subject);

    [Fact]
    public void Raw_8_bit_headers_are_utf8_or_windows_1252()
    {
        Assert.Equal("Zürich", MimeReader.Read(Encoding.UTF8.GetBytes("Subject: Zürich\n\n")).Subject);
        Assert.Equal("Zürich", MimeReader.Read(Encoding.Latin1.GetBytes("Subject: Zürich\n\n")).Subject);
    }

    [Theory]
    [InlineData("a@x.example", "|a@x.example|")]
    [InlineData("Ann B. <a@x.example>, b@y.example", "Ann B.|a@x.example| ; |b@y.example|")]
    [InlineData("\"Doe, Jane \\\"J\\\"\" <j@x.example>", "Doe, Jane \"J\"|j@x.example|")]
    [InlineData("a@x.example (Ann (the) One)", "Ann (the) One|a@x.example|")]
    [InlineData("Team: a@x.example, B <b@x.example>;, c@x.example", "|a@x.example|Team ; B|b@x.example|Team ; |c@x.example|")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("=?utf-8?Q?a@bank.example=2C?= <evil@x.example>", "a@bank.example,|evil@x.example|")]
    [InlineData("<@relay.example:user@x.example>", "|user@x.example|")]
    [InlineData("\"john doe\"@x.example", "|\"john doe\"@x.example|")]
    [InlineData("a @ x . example", "|a@x.example|")]
    [InlineData("\"security@bank.example\" <evil@x.example>", "security@bank.example|evil@x.example|")]
    [InlineData("Ann a@x.example", "Ann|a@x.example|")]
    [InlineData("not an address", "not an address||")]
    [InlineData("<>", "||")]
    public void Addresses_are_read_in_all_their_forms(string text, string expected) =>
        Assert.Equal(expected, string.Join(" ; ", MimeAddresses.Parse(text).Select(address => $"{address.Display}|{address.Address}|{address.Group}")));

    [Theory]
    [InlineData("Tue, 30 Apr 2019 02:09:09 +0200", "2019-04-30T02:09:09+02:00")]
    [InlineData("30 Apr 19 02:09 EST", "2019-04-30T02:09:00-05:00")]
    [InlineData("Tue, 30 Apr 2019 02:09:60 +0000 (leap)", "2019-04-30T02:09:59+00:00")]
    [InlineData("Tue Apr 30 02:09:16 2019", "2019-04-30T02:09:16+00:00")]
    [InlineData("30-Apr-2019 02:09:16 GMT", "2019-04-30T02:09:16+00:00")]
    [InlineData("2019-04-30T02:09:16Z", "2019-04-30T02:09:16+00:00")]
    [InlineData("Mon, 1 Jan 2001 00:00:00 -2500", "2001-01-01T00:00:00+00:00")]
    [InlineData("31 Feb 2019 10:00:00 +0000", null)]
    [InlineData("tomorrow", null)]
    public void Dates_are_read_in_all_their_forms(string text, string? expected) =>
        Assert.Equal(expected, MailDates.Parse(text)?.ToString("yyyy-MM-dd'T'HH:mm:sszzz"));

    [Fact]
    public void Parameters_are_joined_and_decoded_by_RFC_2231()
    {
        var mail = Read("""
            Content-Type: application/pdf; name*0*=utf-8'de'Stra%C3%9F; name*1*=e%20; name*2="plan.pdf"
            Content-Disposition: attachment; filename="=?utf-8?Q?Stra=C3=9Fe.pdf?="
            Content-Transfer-Encoding: base64

            JVBERg==
            """);
        Assert.Equal("Straße plan.pdf", mail.Root.Parameters["name"]);
        var attachment = Assert.Single(mail.Attachments);
        Assert.Equal("Straße.pdf", attachment.FileName);
        Assert.Equal("%PDF", Encoding.ASCII.GetString(attachment.Content.Span));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("%PDF"u8)), attachment.Sha256);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData("%PDF"u8)), attachment.Md5);
    }

    [Theory]
    [InlineData("attachment; filename=my report.pdf", "my report.pdf")]
    [InlineData("attachment; filename=\"C:\\tmp\\a.exe\"", "C:\\tmp\\a.exe")]
    [InlineData("attachment; filename = \"a;b.txt\" ; size=3", "a;b.txt")]
    [InlineData("attachment; filename=a.txt; filename=b.exe", "a.txt")]
    public void File_names_are_read_as_mailers_write_them(string disposition, string expected) =>
        Assert.Equal(expected, Read($"Content-Type: application/octet-stream\nContent-Disposition: {disposition}\n\nx").Attachments.Single().FileName);

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\x\\a.exe", "a.exe")]
    [InlineData("cod\u202Eexe.scr", "codexe.scr")]
    [InlineData("отчёт 😀.pdf", "отчёт 😀.pdf")]
    [InlineData("..", "unnamed.bin")]
    [InlineData(null, "unnamed.bin")]
    public void A_safe_name_holds_no_path_and_no_tricks(string? name, string expected) => Assert.Equal(expected, FileNames.Safe(name, "application/x"));

    [Fact]
    public void A_name_that_turns_the_reading_direction_is_a_defect() =>
        Assert.Contains(MimeDefectCode.FileNameDeceptive, Codes(Read("Content-Disposition: attachment; filename*=utf-8''cod%E2%80%AEfdp.exe\n\nx")));

    [Theory]
    [InlineData("base64", "aGVs\nbG8=", "hello", null)]
    [InlineData("base64", "aGVs*bG8=", "hello", MimeDefectCode.Base64Damaged)]
    [InlineData("base64", "aGVsbG8", "hello", MimeDefectCode.Base64Damaged)]
    [InlineData("quoted-printable", "h=65llo =\nworld=3D", "hello world=", null)]
    [InlineData("quoted-printable", "100=% =ZZ", "100=% =ZZ", MimeDefectCode.QuotedPrintableDamaged)]
    [InlineData("x-uuencode", "begin 644 a\n%:&5L;&\\\n`\nend", "hello", null)]
    [InlineData("x-uuencode", "%:&5L;&\\", "", MimeDefectCode.UuencodeDamaged)]
    [InlineData("x-unheard-of", "hello", "hello", MimeDefectCode.TransferEncodingUnknown)]
    [InlineData("BASE64 (comment)", "aGVsbG8=", "hello", null)]
    public void Transfer_encodings_are_decoded_and_damage_is_named(string encoding, string body, string expected, MimeDefectCode? defect)
    {
        var mail = Read($"Content-Transfer-Encoding: {encoding}\n\n{body}");
        Assert.Equal(expected, mail.Text);
        Assert.Equal(defect is null ? [] : [defect.Value], Codes(mail));
    }

    [Theory]
    [InlineData("windows-1251", "CFF0E8E2E5F2", "Привет")]
    [InlineData("koi8-r", "F0D2C9D7C5D4", "Привет")]
    [InlineData("gb2312", "C4E3BAC3", "你好")]
    [InlineData("iso-2022-jp", "1B2442467C4B5C1B2842", "日本")]
    [InlineData("ks_c_5601-1987", "C7D1B1DB", "한글")]
    [InlineData("iso-8859-1", "8062E9", "€bé")]
    [InlineData("us-ascii", "C3A9", "é")]
    [InlineData("x-nobody", "E9", "é")]
    public void Charsets_are_decoded_as_found_in_the_wild(string charset, string hex, string expected)
    {
        var bytes = Encoding.ASCII.GetBytes($"Content-Type: text/plain; charset=\"{charset}\"\r\n\r\n").Concat(Convert.FromHexString(hex)).ToArray();
        Assert.Equal(expected, MimeReader.Read(bytes).Text);
    }

    [Fact]
    public void A_tree_of_parts_with_preamble_epilogue_and_nested_message_is_taken_apart()
    {
        var mail = Read("""
            From: a@x.example
            Content-Type: multipart/mixed; boundary="out er"

            preamble
            --out er
            Content-Type: multipart/alternative; boundary=in

            --in
            Content-Type: text/plain

            plain

            --in
            Content-Type: text/html

            <p>html</p>
            --in--
            epilogue of the inner one
            --out er  
            Content-Type: message/rfc822
            Content-Disposition: attachment; filename="reported.eml"

            From: evil@y.example
            Subject: inner
            Content-Type: multipart/mixed; boundary=deep

            --deep
            Content-Type: application/octet-stream; name=x.bin

            DATA
            --deep--
            --out er--
            epilogue
            """);
        Assert.Equal(["", "1", "1.1", "1.2", "2"], mail.Root.Walk().Select(part => part.Path));
        Assert.Equal("plain\r\n", mail.Text);
        Assert.Equal("<p>html</p>", mail.Html);
        var inner = mail.Root.Parts[1].Message!;
        Assert.Equal("inner", inner.Subject);
        Assert.Equal("evil@y.example", inner.From[0].Address);
        Assert.Equal("DATA", Encoding.ASCII.GetString(Assert.Single(inner.Attachments).Content.Span));
        Assert.Equal("reported.eml", Assert.Single(mail.Attachments).FileName);
        Assert.EndsWith("--deep--", Encoding.ASCII.GetString(mail.Attachments[0].Content.Span));
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public void A_multipart_that_is_cut_off_keeps_what_came()
    {
        var mail = Read("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst\n--b\nContent-Type: text/html\n\n<b>sec");
        Assert.Equal("first", mail.Text);
        Assert.Equal("<b>sec", mail.Html);
        Assert.Equal([MimeDefectCode.MultipartNotClosed], Codes(mail));
    }

    [Theory]
    [InlineData("Content-Type: multipart/mixed\n\n--b\n\nhidden\n--b--", MimeDefectCode.BoundaryMissing)]
    [InlineData("Content-Type: multipart/mixed; boundary=other\n\n--b\n\nhidden\n--b--", MimeDefectCode.BoundaryNotFound)]
    public void A_multipart_without_its_boundary_hides_nothing(string text, MimeDefectCode defect)
    {
        var mail = Read(text);
        Assert.Contains("hidden", mail.Text);
        Assert.Equal([defect], Codes(mail));
    }

    [Fact]
    public void An_outer_boundary_ends_every_inner_part()
    {
        var mail = Read("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--");
        Assert.Equal(["", "1", "1.1", "2"], mail.Root.Walk().Select(part => part.Path));
        Assert.Equal("two", mail.Root.Parts[1].Text);
    }

    [Fact]
    public void A_boundary_with_a_colon_is_no_header()
    {
        var mail = Read("Content-Type: multipart/mixed; boundary=\"a:b\"\n\n--a:b\nContent-Type: text/plain\n--a:b\n\ntwo\n--a:b--");
        Assert.Equal(2, mail.Root.Parts.Count);
        Assert.Equal("two", mail.Root.Parts[1].Text);
    }

    [Fact]
    public void Depth_and_parts_are_bounded()
    {
        var deep = new StringBuilder();
        for (var level = 0; level < 500; level++)
            deep.Append($"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
        Assert.Contains(MimeDefectCode.TooDeep, Codes(Read(deep.ToString())));
        var nested = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 500));
        Assert.Contains(MimeDefectCode.TooDeep, Codes(Read(nested)));
        var wide = Read("Content-Type: multipart/mixed; boundary=b\n\n" + string.Concat(Enumerable.Repeat("--b\n\nx\n", 5_000)));
        Assert.Contains(MimeDefectCode.TooManyParts, Codes(wide));
        Assert.True(wide.Root.Parts.Count <= 1_000);
    }

    [Fact]
    public void Headers_are_bounded()
    {
        var many = Read(string.Concat(Enumerable.Repeat("a: b\n", 20_000)) + "\nbody");
        Assert.Equal(5_000, many.Headers.Count);
        Assert.Contains(MimeDefectCode.TooManyHeaders, Codes(many));
        var @long = Read("Subject: " + new string('x', 100_000) + "\n\nbody");
        Assert.Equal(64 * 1024, @long.Headers[0].Raw.Length);
        Assert.Contains(MimeDefectCode.HeaderTooLong, Codes(@long));
        Assert.Equal("body", @long.Text);
    }

    [Fact]
    public void Html_becomes_text_without_script_and_links_tell_where_they_lead()
    {
        var mail = Read("""
            Content-Type: text/html; charset=utf-8

            <html><head><title>T</title><style>p{}</style><script>alert("<p>no</p>")</script></head><body>
            <p>Dear&nbsp;customer, visit <a href="http://evil.example/login?a=1&amp;b=2">https://www.bank.example/login</a> now.</p>
            <!-- <a href="http://comment.example">c</a> -->
            <A HREF='https://www.bank.example/x' title="a > b">bank.example</A>
            <a href=http://plain.example/>our site</a><img src="http://track.example/p.gif"><form action="http://form.example/post"></form>
            see http://unlinked.example/path). and 1 &lt; 2
            </body></html>
            """);
        Assert.Contains("Dear customer, visit https://www.bank.example/login now.", mail.Text);
        Assert.Contains("and 1 < 2", mail.Text);
        Assert.DoesNotContain("alert", mail.Text);
        Assert.DoesNotContain("p{}", mail.Text);
        Assert.Equal(
            ["http://evil.example/login?a=1&b=2 Anchor True", "https://www.bank.example/x Anchor False", "http://plain.example/ Anchor False",
             "http://track.example/p.gif Image False", "http://form.example/post Form False", "http://unlinked.example/path Text False"],
            mail.Links.Select(link => $"{link.Url} {link.Source} {link.Mismatch}"));
        Assert.Equal("evil.example", mail.Links[0].Host);
    }

    [Theory]
    [InlineData("http://a.example/", "Invoice.pdf", false)]
    [InlineData("http://a.example/", "www.b.example", true)]
    [InlineData("http://a.example/", "please open b.example/login", false)]
    [InlineData("http://a.example/", "go to https://b.example/login", true)]
    [InlineData("http://login.b.example/", "b.example", false)]
    [InlineData("http://b.example.evil.test/", "b.example", true)]
    [InlineData("mailto:x@evil.example", "help@bank.example", true)]
    public void A_link_text_that_names_another_host_is_a_mismatch(string url, string text, bool mismatch) =>
        Assert.Equal(mismatch, Read($"Content-Type: text/html\n\n<a href=\"{url}\">{text}</a>").Links[0].Mismatch);

    [Theory]
    [InlineData("\uFFFD")]
    [InlineData("\u00A6")]
    [InlineData("\u0378")]
    [InlineData("\uFF66")]
    [InlineData("\u200B")]
    [InlineData("xn--")]
    [InlineData("-")]
    public void A_host_that_no_name_can_be_is_no_reason_to_stop(string part)
    {
        // found by the fuzzer: Uri accepts some of these and throws when it is asked for the host
        var mail = Read($"Content-Type: text/plain; charset=utf-8\n\nsee http://www.ww{part}.www.example/x and http://fine.example/");
        Assert.Equal("fine.example", mail.Links[^1].Host);
    }

    [Fact]
    public void The_origin_is_the_first_hop_that_is_not_ours_whatever_older_headers_claim()
    {
        var mail = Read("""
            Received: from mx.cert.example (localhost [127.0.0.1]) by mx.cert.example (Postfix) with ESMTP id 1; Mon, 2 Nov 2026 10:00:05 +0000
            Received: from edge.cert.example (edge.cert.example [10.0.0.5]) by mx.cert.example (Postfix) with ESMTPS id 2 for <soc@cert.example>; Mon, 2 Nov 2026 10:00:04 +0000
            Received: from mail.bank.example (unknown [203.0.113.66])
             by edge.cert.example (Postfix) with ESMTP id 3; Mon, 2 Nov 2026 10:00:03 +0000
            Received: from forged.bank.example ([198.51.100.1]) by mail.bank.example; Mon, 2 Nov 2026 09:00:00 +0000

            x
            """);
        var trusted = new TrustedPath([System.Net.IPNetwork.Parse("10.0.0.0/8")], new HashSet<string>());
        var origin = mail.FirstUntrustedHop(trusted)!;
        Assert.Equal("203.0.113.66", origin.Ip!.ToString());
        Assert.Equal("mail.bank.example", origin.FromName);
        Assert.Equal("edge.cert.example", origin.By);
        Assert.Equal(new DateTimeOffset(2026, 11, 2, 10, 0, 3, TimeSpan.Zero), origin.Time);
        Assert.Equal(4, mail.Received.Count);
    }

    [Theory]
    [InlineData("from c.x.example (HELO apus.x.example) (189.125.104.100) by smtp.y.example with SMTP; 22 Aug 2016 09:22:13 -0000", "apus.x.example", "c.x.example", "189.125.104.100")]
    [InlineData("from [10.10.10.10] ([10.10.10.10:4227] helo=mail02.x.example) by m.y.example with ESMTPS; Tue, 30 Apr 2019 02:09:00 +0000", "mail02.x.example", null, "10.10.10.10")]
    [InlineData("from DENU02.x.example (10.156.68.14) by DENU03.x.example (10.10.10.9) with Microsoft SMTP Server (TLS) id 15.0; Tue, 30 Apr 2019 04:09:09 +0200", "DENU02.x.example", null, "10.156.68.14")]
    [InlineData("from mail-x.example (mail-x.example. [IPv6:2001:db8::25]) by mx.y.example with ESMTPS id a; Mon, 2 Nov 2026 10:00:05 -0700 (PDT)", "mail-x.example", "mail-x.example", "2001:db8::25")]
    [InlineData("from [192.168.1.5] (p5.dip.example [203.0.113.9]) (using TLSv1.3 (256/256 bits)) by m.example (Postfix) with ESMTPSA id 1; Mon, 2 Nov 2026 10:00:05 +0100", "[192.168.1.5]", "p5.dip.example", "203.0.113.9")]
    public void Received_headers_of_real_servers_are_read(string text, string from, string? reverse, string ip)
    {
        var hop = Read($"Received: {text}\n\nx").Received[0];
        Assert.Equal((from, reverse, ip), (hop.FromName, hop.ReverseName, hop.Ip?.ToString()));
        Assert.NotNull(hop.Time);
        Assert.NotNull(hop.By);
    }

    [Fact]
    public void Authentication_results_count_only_from_our_own_servers()
    {
        var mail = Read("""
            Authentication-Results: mx.cert.example; spf=fail (not permitted) smtp.mailfrom=bank.example; dkim=pass header.d=evil.example
             header.s="s1"; dmarc=fail reason="policy; strict" header.from=bank.example
            Authentication-Results: mx.evil.example; spf=pass; dmarc=pass
            Authentication-Results: mx.cert.example; spf=pass; dmarc=pass (forged: it stands below)
            Received-SPF: pass client-ip=108.174.6.228; envelope-from=x@evil.example; receiver=mx.evil.example

            x
            """);
        var ours = new HashSet<string> { "mx.cert.example" };
        Assert.Equal("fail", Assert.Single(mail.Verified("spf", ours)).Result);
        Assert.Equal("evil.example", Assert.Single(mail.Verified("dkim", ours)).Properties["header.d"]);
        Assert.Equal("policy; strict", Assert.Single(mail.Verified("dmarc", ours)).Reason);
        Assert.Equal(8, mail.Authentication.Count);
    }

    [Fact]
    public void Identifiers_and_reply_to_are_read()
    {
        var mail = Read("From: Bank <a@bank.example>\nReply-To: x@evil.example\nMessage-ID: <1@x.example>\nIn-Reply-To: <0@x.example> (comment)\nReferences: <a@b>\n <c@d>\n\nx");
        Assert.True(mail.ReplyToDiffers);
        Assert.Equal("1@x.example", mail.MessageId);
        Assert.Equal(["0@x.example"], mail.InReplyTo);
        Assert.Equal(["a@b", "c@d"], mail.References);
        Assert.False(Read("From: a@bank.example\nReply-To: b@BANK.example\n\nx").ReplyToDiffers);
    }

    [Fact]
    public void Two_From_headers_are_a_defect_and_the_first_counts()
    {
        var mail = Read("From: a@x.example\nFrom: b@y.example\n\nx");
        Assert.Equal("a@x.example", mail.From.Single().Address);
        Assert.Equal([MimeDefectCode.DuplicateHeader], Codes(mail));
    }

    [Theory]
    [InlineData("EFBBBF")]
    [InlineData("0D0A0A")]
    [InlineData("EFBBBF0D0A")]
    public void A_byte_order_mark_or_blank_lines_before_the_headers_are_passed_over(string hex)
    {
        var mail = MimeReader.Read(Convert.FromHexString(hex).Concat("Subject: x\r\n\r\nbody"u8.ToArray()).ToArray());
        Assert.Equal(("x", "body"), (mail.Subject, mail.Text));
        Assert.Empty(mail.Defects);
    }

    [Fact]
    public void A_byte_order_mark_in_a_text_part_is_no_text() =>
        Assert.Equal("é", MimeReader.Read("Content-Type: text/plain; charset=utf-8\r\n\r\n"u8.ToArray().Concat(new byte[] { 0xEF, 0xBB, 0xBF, 0xC3, 0xA9 }).ToArray()).Text);

    [Fact]
    public void Nothing_at_all_is_a_mail_without_anything()
    {
        var mail = MimeReader.Read(ReadOnlyMemory<byte>.Empty);
        Assert.Null(mail.Subject);
        Assert.Equal("", mail.Text);
        Assert.Empty(mail.Attachments);
    }

    [Fact]
    public void An_encoded_attached_message_is_read_too()
    {
        var inner = Convert.ToBase64String("Subject: inner\r\n\r\nbody"u8);
        var mail = Read($"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}");
        Assert.Equal("inner", mail.Root.Message!.Subject);
        Assert.Equal([MimeDefectCode.EncodedContainer], Codes(mail));
    }
}
