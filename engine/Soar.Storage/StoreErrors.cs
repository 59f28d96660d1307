using Microsoft.Data.Sqlite;

namespace Soar.Storage;

/// <summary>
/// The store's errors in words for the person at the machine. Codes: SOAR3001 lease lost · 3002 second owner · 3003 schema · 3004 disk full · 3005 read-only · 3006 disk error ·
/// 3007 damaged · 3008 busy · 3009 refused by the schema · 3010 closed · 3011 opened for reading · 3012 artifact damaged · 3013 backup · 3020 containment stands already.
/// </summary>
internal static class StoreErrors
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, TooBig = 18, Constraint = 19, NotADatabase = 26;

    /// <summary>True where the disk or the file is to blame, so that trying units one by one would only ask it again and again.</summary>
    public static bool IsStorage(Exception error) => error is SqliteException { SqliteErrorCode: ReadOnly or IoError or Corrupt or Full or CannotOpen or NotADatabase or Busy or Locked };

    public static Exception Describe(SqliteException error, string file) => error.SqliteErrorCode switch
    {
        Full => new SoarException("SOAR3004", $"The disk that holds {file} is full. Nothing was written. Free space there; Soar goes on by itself.", error),
        ReadOnly => new SoarException("SOAR3005", $"{file} cannot be written: it, its folder or its file system is read-only. Nothing was written. Give the user that runs soar the right to write there.", error),
        CannotOpen => new SoarException("SOAR3005", $"{file} cannot be opened. Check that the folder exists and that the user that runs soar may read and write there.", error),
        IoError => new SoarException("SOAR3006", $"The disk failed on {file} ({error.Message}). Nothing was written. Look at the kernel's log (dmesg) and at the free space; Soar goes on by itself when the disk does.", error),
        Corrupt => Damaged(file, error.Message, error),
        NotADatabase => new SoarException("SOAR3007", $"{file} is not a Soar database, or its first page is damaged. Nothing was changed. Put the newest backup in its place (see 'soar backup').", error),
        Busy or Locked => new SoarException("SOAR3008", $"{file} is held by another program for too long. Nothing was written. Close the shell or backup tool that has it open and try again.", error),
        TooBig => new SoarException("SOAR3009", $"A value is too large for {file}. Nothing was written. Keep it as an artifact.", error),
        Constraint => new SoarException("SOAR3009", $"{file} refused a change that would break its rules ({error.Message}). Nothing of it was written. This is a defect of Soar: report it with this text.", error),
        _ => new SoarException("SOAR3009", $"{file} answered: {error.Message} (SQLite {error.SqliteErrorCode}). Nothing was written.", error),
    };

    public static SoarException Damaged(string file, string what, Exception? inner = null) =>
        new("SOAR3007", $"{file} is damaged ({what}). Stop soar, keep the file for analysis, and put the newest backup in its place (see 'soar backup').", inner);
}
