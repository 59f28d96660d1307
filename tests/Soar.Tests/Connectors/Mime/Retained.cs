using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Soar.Tests.Connectors.Mime;

/// <summary>
/// What an object keeps alive, counted by walking what it refers to: other tests run at the same time, so the process's own figures would tell of them too. Every
/// object counts once; 64-bit sizes, rounded up to eight bytes.
/// </summary>
internal static class Retained
{
    private const int Header = 16;

    public static long Bytes(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>();
        var bytes = 0L;
        Reach(root);
        while (open.TryPop(out var one))
        {
            switch (one)
            {
                case string text:
                    bytes += Rounded(Header + 6 + 2L * text.Length);
                    break;
                case Array array:
                    var element = array.GetType().GetElementType()!;
                    bytes += Rounded(Header + 8 + (long)array.Length * Size(element));
                    if (!IsFlat(element)) foreach (var item in (IEnumerable)array) Into(element, item);
                    break;
                default:
                    bytes += Rounded(Header + Fields(one.GetType()).Sum(field => (long)Size(field.FieldType)));
                    Inside(one);
                    break;
            }
        }

        return bytes;

        void Reach(object? referred)
        {
            // Types, functions and tables of the runtime are there anyway.
            if (referred is null or Type or Delegate or System.Text.Encoding or System.Globalization.CultureInfo || IsComparer(referred) || !seen.Add(referred)) return;
            open.Push(referred);
        }

        void Inside(object holder)
        {
            foreach (var field in Fields(holder.GetType()))
                if (!IsFlat(field.FieldType)) Into(field.FieldType, field.GetValue(holder));
        }

        void Into(Type declared, object? value)
        {
            if (value is null) return;
            if (declared.IsValueType) Inside(value);
            else Reach(value);
        }
    }

    private static bool IsComparer(object one) => one is IEqualityComparer or IEqualityComparer<string> or IComparer;

    private static long Rounded(long bytes) => (bytes + 7) / 8 * 8;

    private static bool IsFlat(Type type) => type.IsPrimitive || type.IsEnum || type.IsPointer;

    private static int Size(Type type) => !type.IsValueType ? 8
        : type.IsEnum ? Size(Enum.GetUnderlyingType(type))
        : type == typeof(bool) || type == typeof(byte) || type == typeof(sbyte) ? 1
        : type == typeof(char) || type == typeof(short) || type == typeof(ushort) ? 2
        : type == typeof(int) || type == typeof(uint) || type == typeof(float) ? 4
        : type.IsPrimitive || type.IsPointer ? 8
        : Fields(type).Sum(field => Size(field.FieldType));

    private static readonly ConditionalWeakTable<Type, FieldInfo[]> Known = [];

    private static FieldInfo[] Fields(Type type) => Known.GetValue(type, static declared =>
    {
        var all = new List<FieldInfo>();
        for (var at = declared; at is not null && at != typeof(object); at = at.BaseType)
            all.AddRange(at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
        return [.. all];
    });
}
