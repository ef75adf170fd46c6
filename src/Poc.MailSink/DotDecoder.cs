using System.Buffers;

namespace Poc.MailSink;

/// <summary>
/// Takes the dots out again that SMTP puts before lines that begin with one, and finds the line of a single dot that ends the message (RFC 5321, 4.5.2).
/// Only CR LF ends a line: a bare CR or LF is content, so that no message can hide another one's commands in itself.
/// </summary>
/// <param name="output">Gets the content, the last line's CR LF included.</param>
/// <param name="maximum">Content beyond this many bytes is counted and dropped.</param>
internal sealed class DotDecoder(ArrayBufferWriter<byte> output, int maximum)
{
    private State _state = State.LineStart;

    private enum State
    {
        LineStart,
        Text,
        Cr,
        Dot,
        DotCr,
        End,
    }

    /// <summary>Content bytes seen, those beyond the maximum included.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the next bytes, whole or in any pieces.</summary>
    /// <param name="input">Bytes from the connection.</param>
    /// <param name="consumed">How many belong to the message; what follows them is the next command.</param>
    /// <returns>True when the message is complete.</returns>
    public bool Feed(ReadOnlySpan<byte> input, out int consumed)
    {
        for (consumed = 0; consumed < input.Length && _state != State.End; consumed++)
        {
            Take(input[consumed]);
        }

        return _state == State.End;
    }

    private void Take(byte next)
    {
        switch (_state)
        {
            case State.LineStart when next == '.':
                _state = State.Dot;
                break;
            case State.Dot when next == '\r':
                _state = State.DotCr;
                break;
            case State.DotCr when next == '\n':
                _state = State.End;
                break;
            case State.DotCr:
                Emit((byte)'\r');
                _state = State.Cr;
                Take(next);
                break;
            case State.Cr when next == '\n':
                Emit(next);
                _state = State.LineStart;
                break;
            default:
                Emit(next);
                _state = next == '\r' ? State.Cr : State.Text;
                break;
        }
    }

    private void Emit(byte value)
    {
        if (++Length <= maximum)
        {
            output.GetSpan(1)[0] = value;
            output.Advance(1);
        }
    }
}
