"""Drives kafka-python."""

import sys
import time

import driver
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.structs import OffsetAndMetadata

WAIT = 30


class KafkaPython:
    def __init__(self, bootstrap):
        self.bootstrap = bootstrap
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        self.member = None

    def version(self):
        import kafka

        return kafka.__version__

    def create_topic(self, topic, partitions, configs):
        self.admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])

    def list_topics(self):
        return self.admin.list_topics()

    def partitions(self, topic):
        return len(self.admin.describe_topics([topic])[0]["partitions"])

    def create_partitions(self, topic, count):
        self.admin.create_partitions({topic: NewPartitions(count)})

    def delete_topic(self, topic):
        self.admin.delete_topics([topic])

    def topic_config(self, topic, name):
        answer = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])[0]
        error, message, _, _, entries = answer.resources[0]
        if error:
            raise RuntimeError(message)
        return next(entry[1] for entry in entries if entry[0] == name)

    def set_topic_config(self, topic, name, value):
        answer = self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {name: value})])
        if answer.resources[0][0]:
            raise RuntimeError(answer.resources[0][1])

    def list_groups(self):
        return [group for group, _ in self.admin.list_consumer_groups()]

    def describe_group(self, group):
        found = self.admin.describe_consumer_groups([group])[0]
        return {"state": found.state, "members": len(found.members)}

    def delete_group(self, group):
        for _, error in self.admin.delete_consumer_groups([group]):
            if error.errno:
                raise error

    def produce(self, topic, codec, acks, idempotent, records):
        producer = KafkaProducer(
            bootstrap_servers=self.bootstrap,
            compression_type=None if codec == "none" else codec,
            acks="all" if acks == "all" else int(acks),
            linger_ms=20,
            max_request_size=2000000,
        )
        futures = [
            producer.send(
                topic,
                key=driver.bytes_of(r["k"]),
                value=driver.bytes_of(r["v"]),
                partition=r["p"],
                headers=driver.headers_of(r),
                timestamp_ms=r.get("t"),
            )
            for r in records
        ]
        producer.flush(WAIT)
        for future in futures:
            future.get(WAIT)
        producer.close()

    def _consumer(self, group=None, **more):
        return KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **more,
        )

    def _read(self, consumer, count):
        found = []
        until = time.monotonic() + WAIT
        while len(found) < count and time.monotonic() < until:
            for batch in consumer.poll(500, max_records=count - len(found)).values():
                found += [self._record(r) for r in batch]
        return found

    @staticmethod
    def _record(r):
        return driver.record(r.partition, r.offset, r.key, r.value, r.headers, r.timestamp)

    def consume(self, topic, partitions, count):
        consumer = self._consumer()
        tps = [TopicPartition(topic, p) for p in partitions]
        consumer.assign(tps)
        consumer.seek_to_beginning(*tps)
        found = self._read(consumer, count)
        consumer.close()
        return found

    def offset_for_time(self, topic, p, t):
        consumer = self._consumer()
        tp = TopicPartition(topic, p)
        found = consumer.offsets_for_times({tp: t})[tp].offset
        consumer.close()
        return found

    def watermarks(self, topic, p):
        consumer = self._consumer()
        tp = TopicPartition(topic, p)
        low, high = consumer.beginning_offsets([tp])[tp], consumer.end_offsets([tp])[tp]
        consumer.close()
        return {"low": low, "high": high}

    def group_consume(self, topic, group, count):
        consumer = self._consumer(group)
        consumer.subscribe([topic])
        found = self._read(consumer, count)
        positions = {}
        for r in found:
            positions[TopicPartition(topic, r["p"])] = OffsetAndMetadata(r["o"] + 1, "")
        consumer.commit(positions)
        consumer.close(autocommit=False)
        return found

    def committed(self, group, topic, p):
        return self.admin.list_consumer_group_offsets(group)[TopicPartition(topic, p)].offset

    def member_open(self, topic, group, strategy):
        self.member = self._consumer(
            group, session_timeout_ms=45000, heartbeat_interval_ms=500, metadata_max_age_ms=1000
        )
        if topic.startswith("^"):
            self.member.subscribe(pattern=topic)
        else:
            self.member.subscribe([topic])

    def member_poll(self, ms):
        records = [self._record(r) for batch in self.member.poll(ms).values() for r in batch]
        if records:
            self.member.commit()
        return {
            "assigned": [tp.topic + "-" + str(tp.partition) for tp in self.member.assignment()],
            "records": records,
        }

    def member_close(self):
        self.member.close(autocommit=False)
        self.member = None


driver.serve(KafkaPython(sys.argv[1]))
