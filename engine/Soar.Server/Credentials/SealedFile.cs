namespace Soar.Server.Credentials;

/// <summary>A small file of the store's folder that holds a secret of this deployment: sealed where there is a key, else readable for its owner only. Written whole or not at all.</summary>
internal static class SealedFile
{
    /// <summary>Null where there is none. One that lies open is sealed once there is a key.</summary>
    public static byte[]? Read(string file, KeyRing keys)
    {
        if (!File.Exists(file)) return null;
        var bytes = File.ReadAllBytes(file);
        var text = System.Text.Encoding.ASCII.GetString(bytes);
        if (KeyRing.IsSealed(text)) return Convert.FromBase64String(keys.Open(PurposeOf(file), text));
        if (keys.Seals) Write(file, bytes, keys);
        return bytes;
    }

    public static void Write(string file, byte[] value, KeyRing keys)
    {
        var draft = file + ".new";
        using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            stream.Write(keys.Seals ? System.Text.Encoding.ASCII.GetBytes(keys.Seal(PurposeOf(file), Convert.ToBase64String(value))) : value);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file, overwrite: true);
    }

    /// <summary>False where there is none.</summary>
    public static bool Reseal(string file, KeyRing keys)
    {
        if (Read(file, keys) is not { } value) return false;
        Write(file, value, keys);
        return true;
    }

    private static string PurposeOf(string file) => $"file {Path.GetFileName(file)}";
}
