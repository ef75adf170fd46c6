namespace Poc.Kernel.Merkle;

/// <summary>
/// A perfect subtree: the node at <paramref name="Level"/> over the leaves from <c>Index · 2^Level</c> to before <c>(Index + 1) · 2^Level</c>. Its hash never
/// changes once those leaves exist, so it can be stored when it is complete and never again.
/// </summary>
/// <param name="Level">0 for a leaf.</param>
/// <param name="Index">From 0, left to right within the level.</param>
public readonly record struct NodeId(int Level, long Index);
