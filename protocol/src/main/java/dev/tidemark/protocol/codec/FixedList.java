package dev.tidemark.protocol.codec;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/// An immutable list over an array that nobody else holds.
public final class FixedList<E> extends AbstractList<E> implements RandomAccess {
    private final Object[] elements;

    FixedList(Object[] elements) {
        this.elements = elements;
    }

    /// An immutable list with the elements of `list`: itself where it is known to be immutable.
    @SuppressWarnings("unchecked")
    public static <E> List<E> copyOf(List<? extends E> list) {
        if (list instanceof FixedList<?> || list instanceof IntList) return (List<E>) list;
        return List.copyOf(list);
    }

    @Override
    @SuppressWarnings("unchecked")
    public E get(int index) {
        return (E) elements[index];
    }

    @Override
    public int size() {
        return elements.length;
    }
}
