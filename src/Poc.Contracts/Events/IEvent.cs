using MassTransit;

namespace Poc.Contracts.Events;

/// <summary>What every event on the bus carries. Events hold ids, versions and what a consumer must know, never personal prose.</summary>
/// <remarks>Excluded from the bus's topology: an event is published under its own pinned name only, not also as an IEvent.</remarks>
[ExcludeFromTopology]
[ExcludeFromImplementedTypes]
public interface IEvent
{
    /// <summary>Identity of the event: the message id on the bus and the key under which a consumer remembers it.</summary>
    Guid EventId { get; }

    /// <summary>Resource name of the thing it is about, for example <c>dossiers/018f…</c>. Order is kept within it.</summary>
    string Aggregate { get; }

    /// <summary>Counts the events <em>of this type</em> about this aggregate, from 1, without gaps: a consumer applies n+1, parks what is beyond a gap and ignores what is not above n.</summary>
    long Version { get; }

    /// <summary>When it happened, UTC.</summary>
    DateTimeOffset OccurredAt { get; }
}
