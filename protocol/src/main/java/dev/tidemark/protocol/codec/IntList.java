package dev.tidemark.protocol.codec;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;

/// An immutable list of ints without boxes; [#getInt] reads one as it is.
public final class IntList extends AbstractList<Integer> implements RandomAccess {
    private final int[] elements;

    private IntList(int[] elements) {
        this.elements = elements;
    }

    public static IntList of(int... elements) {
        return new IntList(elements.clone());
    }

    /// The array must not be changed afterwards.
    static IntList wrap(int[] elements) {
        return new IntList(elements);
    }

    public int getInt(int index) {
        return elements[index];
    }

    @Override
    public Integer get(int index) {
        return elements[index];
    }

    @Override
    public int size() {
        return elements.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IntList that ? Arrays.equals(elements, that.elements) : super.equals(other);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(elements);
    }
}
