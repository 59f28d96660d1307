using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Storage;

namespace Soar.Server.Notices;

/// <summary>
/// What a mail's link and its code are: both made from the deployment's key (<c>answer.key</c> in the store's folder, sealed where there is a key, never part of a backup) and from whom the mail is for, the question, its run and step, and the hash
/// of what is asked about. So a mail that has to leave twice says the same twice, the store holds nothing that lets anybody in, and a link stops counting when anything that it was made from is another.
/// </summary>
/// <param name="file">Where the key lies.</param>
/// <param name="keys">What it is sealed with.</param>
internal sealed class AnswerLinks(string file, Func<KeyRing> keys)
{
    // 32 characters that nobody confuses: no I, L, O and U.
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>50 bits, of which nobody gets to try more than a few.</summary>
    private const int CodeLength = 10;

    private readonly Lazy<byte[]> key = new(() => Key(file, keys()));

    /// <summary>What the link holds: 256 bits. The code is not in it, and not on the page that it opens.</summary>
    public string LinkOf(Notice notice, Question question) => Base64Url.EncodeToString(Mac("link", notice, question));

    /// <summary>What the person types: XXXXX-XXXXX.</summary>
    public string CodeOf(Notice notice, Question question)
    {
        var bytes = Mac("code", notice, question);
        var code = string.Concat(bytes.Take(CodeLength).Select(b => Letters[b & 31]));
        return $"{code[..5]}-{code[5..]}";
    }

    public bool IsLink(string shown, Notice notice, Question question) => Same(shown, LinkOf(notice, question));

    /// <summary>However it is typed: in small letters, with blanks, O for 0.</summary>
    public bool IsCode(string typed, Notice notice, Question question)
    {
        var plain = string.Concat(typed.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)).Replace('O', '0').Replace('I', '1').Replace('L', '1');
        return plain.Length == CodeLength && Same($"{plain[..5]}-{plain[5..]}", CodeOf(notice, question));
    }

    /// <summary>As the store keeps a link.</summary>
    public static string Hash(string link) => OneTime.Hash(link);

    private static bool Same(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private byte[] Mac(string what, Notice notice, Question question)
    {
        var details = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(question.Details)));
        return HMACSHA256.HashData(key.Value, Encoding.UTF8.GetBytes($"{what}\n{notice.Id}\n{question.Id}\n{question.Run}\n{question.Ordinal}\n{notice.Person}\n{details}"));
    }

    private static byte[] Key(string file, KeyRing keys)
    {
        if (SealedFile.Read(file, keys) is { Length: 32 } kept) return kept;
        var made = RandomNumberGenerator.GetBytes(32);
        SealedFile.Write(file, made, keys);
        return made;
    }
}
