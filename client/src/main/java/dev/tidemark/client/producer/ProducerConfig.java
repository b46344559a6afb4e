package dev.tidemark.client.producer;

import dev.tidemark.client.ClientConfig;
import dev.tidemark.protocol.record.Compression;

/// How a producer batches and delivers.
///
/// @param acks 0: does not wait; 1: the leader has it; [#ALL]: all in-sync replicas have it
/// @param isIdempotent a retry writes no record twice and changes no order; needs acks=all
/// @param batchBytesMax a batch is sent at this size; a larger record makes a batch of its own
/// @param lingerMs how long a batch waits for more records
/// @param bufferBytesMax what may wait to be delivered; [Producer#send] blocks beyond it
/// @param blockMsMax for how long it blocks
/// @param deliveryTimeoutMs after which an undelivered record fails
/// @param requestBytesMax bounds a request, and with it a record
/// @param inFlightMax requests to one broker that may be unanswered
public record ProducerConfig(
        ClientConfig client,
        int acks,
        boolean isIdempotent,
        Compression compression,
        int batchBytesMax,
        int lingerMs,
        int bufferBytesMax,
        int blockMsMax,
        int deliveryTimeoutMs,
        int requestBytesMax,
        int inFlightMax) {
    public static final int ALL = -1;

    public ProducerConfig {
        if (acks < -1 || acks > 1) throw new IllegalArgumentException("acks is " + acks + "; it must be 0, 1 or all");
        if (isIdempotent && acks != ALL) throw new IllegalArgumentException("an idempotent producer needs acks=all");
        if (isIdempotent && inFlightMax > 5)
            throw new IllegalArgumentException("an idempotent producer may have 5 requests in flight at most");
    }

    /// Idempotent, acks=all, uncompressed, batches of 16 KiB, 5 ms.
    public static ProducerConfig of(ClientConfig client) {
        return new ProducerConfig(
                client, ALL, true, Compression.NONE, 16_384, 5, 32 << 20, 60_000, 120_000, 1 << 20, 5);
    }

    /// acks=0 and 1 are not idempotent.
    public ProducerConfig withAcks(int acks) {
        return new ProducerConfig(
                client,
                acks,
                isIdempotent && acks == ALL,
                compression,
                batchBytesMax,
                lingerMs,
                bufferBytesMax,
                blockMsMax,
                deliveryTimeoutMs,
                requestBytesMax,
                inFlightMax);
    }

    public ProducerConfig withoutIdempotence() {
        return new ProducerConfig(
                client,
                acks,
                false,
                compression,
                batchBytesMax,
                lingerMs,
                bufferBytesMax,
                blockMsMax,
                deliveryTimeoutMs,
                requestBytesMax,
                inFlightMax);
    }

    public ProducerConfig withCompression(Compression compression) {
        return new ProducerConfig(
                client,
                acks,
                isIdempotent,
                compression,
                batchBytesMax,
                lingerMs,
                bufferBytesMax,
                blockMsMax,
                deliveryTimeoutMs,
                requestBytesMax,
                inFlightMax);
    }

    public ProducerConfig withBatching(int batchBytesMax, int lingerMs) {
        return new ProducerConfig(
                client,
                acks,
                isIdempotent,
                compression,
                batchBytesMax,
                lingerMs,
                bufferBytesMax,
                blockMsMax,
                deliveryTimeoutMs,
                requestBytesMax,
                inFlightMax);
    }

    public ProducerConfig withDeliveryTimeoutMs(int deliveryTimeoutMs) {
        return new ProducerConfig(
                client,
                acks,
                isIdempotent,
                compression,
                batchBytesMax,
                lingerMs,
                bufferBytesMax,
                Math.min(blockMsMax, deliveryTimeoutMs),
                deliveryTimeoutMs,
                requestBytesMax,
                inFlightMax);
    }

    /// `requestBytesMax` bounds a record too.
    public ProducerConfig withBounds(int bufferBytesMax, int requestBytesMax) {
        return new ProducerConfig(
                client,
                acks,
                isIdempotent,
                compression,
                batchBytesMax,
                lingerMs,
                bufferBytesMax,
                blockMsMax,
                deliveryTimeoutMs,
                requestBytesMax,
                inFlightMax);
    }
}
