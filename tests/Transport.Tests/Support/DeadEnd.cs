using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Transport.Tests;

/// <summary>
/// Makes of one end of a connection what a machine that lost its power is: it hears nothing and says nothing, and nobody tells the other end. A packet filter on the socket (Linux,
/// socket(7): <c>SO_ATTACH_FILTER</c>) drops what comes before TCP sees it, so that not even probes are answered.
/// </summary>
static class DeadEnd
{
    const int SolSocket = 1, SoAttachFilter = 26;

    public static void Of(Socket socket)
    {
        // One instruction: return 0, which keeps no byte of a packet. It is copied by the call.
        var filter = GCHandle.Alloc(new Instruction(0x06, 0, 0, 0), GCHandleType.Pinned);
        try
        {
            var program = new Program(1, filter.AddrOfPinnedObject());
            socket.SetRawSocketOption(SolSocket, SoAttachFilter, MemoryMarshal.AsBytes(new ReadOnlySpan<Program>(in program)));
        }
        finally
        {
            filter.Free();
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    readonly record struct Program(ushort Length, nint Instructions);
}

/// <summary>A test that needs Linux: skipped elsewhere, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(string reason)
    {
        if (!OperatingSystem.IsLinux()) Skip = $"This test needs Linux: {reason}.";
    }
}
