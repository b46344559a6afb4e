"""Drives python3-confluent-kafka, and so librdkafka."""

import sys
import time

import driver
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

WAIT = 30


def done(futures):
    for future in futures.values():
        future.result(WAIT)


class Confluent:
    def __init__(self, bootstrap):
        self.conf = {"bootstrap.servers": bootstrap}
        self.admin = AdminClient(self.conf)
        self.member = None
        self.transactional = {}

    def version(self):
        import confluent_kafka

        return confluent_kafka.version()[0] + ", librdkafka " + confluent_kafka.libversion()[0]

    def create_topic(self, topic, partitions, configs):
        done(self.admin.create_topics([NewTopic(topic, partitions, 1, config=configs)]))

    def list_topics(self):
        return list(self.admin.list_topics(timeout=WAIT).topics)

    def partitions(self, topic):
        return len(self.admin.list_topics(topic, timeout=WAIT).topics[topic].partitions)

    def create_partitions(self, topic, count):
        done(self.admin.create_partitions([NewPartitions(topic, count)]))

    def delete_topic(self, topic):
        done(self.admin.delete_topics([topic]))

    def topic_config(self, topic, name):
        resource = ConfigResource("topic", topic)
        return self.admin.describe_configs([resource])[resource].result(WAIT)[name].value

    def set_topic_config(self, topic, name, value):
        done(self.admin.alter_configs([ConfigResource("topic", topic, set_config={name: value})]))

    def list_groups(self):
        return [group.id for group in self.admin.list_groups(timeout=WAIT)]

    def describe_group(self, group):
        found = self.admin.list_groups(group, timeout=WAIT)[0]
        return {"state": found.state, "members": len(found.members)}

    def produce(self, topic, codec, acks, idempotent, records):
        conf = dict(self.conf)
        conf.update({"compression.type": codec, "acks": acks, "enable.idempotence": idempotent, "linger.ms": 20})
        conf["message.max.bytes"] = 2000000
        producer = Producer(conf)
        failed = []
        for r in records:
            producer.produce(
                topic,
                key=driver.bytes_of(r["k"]),
                value=driver.bytes_of(r["v"]),
                partition=r["p"],
                headers=driver.headers_of(r),
                timestamp=r.get("t", 0),
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
        left = producer.flush(WAIT)
        if left or failed:
            raise KafkaException(f"{left} left, failed: {failed[:1]}")

    def txn_begin(self, id, topic, records):
        if id not in self.transactional:
            producer = Producer(dict(self.conf, **{"transactional.id": id}))
            producer.init_transactions(WAIT)
            self.transactional[id] = producer
        producer = self.transactional[id]
        producer.begin_transaction()
        failed = []
        for r in records:
            producer.produce(
                topic,
                key=driver.bytes_of(r["k"]),
                value=driver.bytes_of(r["v"]),
                partition=r["p"],
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )
        left = producer.flush(WAIT)
        if left or failed:
            raise KafkaException(f"{left} left, failed: {failed[:1]}")

    def txn_end(self, id, commit, topic, group, offset):
        producer = self.transactional[id]
        consumer = self._consumer(group)
        metadata = consumer.consumer_group_metadata()
        producer.send_offsets_to_transaction([TopicPartition(topic, 0, offset)], metadata, WAIT)
        consumer.close()
        if commit:
            producer.commit_transaction(WAIT)
        else:
            producer.abort_transaction(WAIT)

    def _consumer(self, group, **more):
        conf = dict(self.conf)
        conf.update({"group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest"})
        conf.update(more)
        return Consumer(conf)

    def _read(self, consumer, count):
        found = []
        until = time.monotonic() + WAIT
        while len(found) < count and time.monotonic() < until:
            message = consumer.poll(0.5)
            if message is None:
                continue
            if message.error():
                raise KafkaException(message.error())
            found.append(self._record(message))
        return found

    @staticmethod
    def _record(m):
        return driver.record(m.partition(), m.offset(), m.key(), m.value(), m.headers(), m.timestamp()[1])

    def consume(self, topic, partitions, count):
        consumer = self._consumer("unused")
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in partitions])
        found = self._read(consumer, count)
        consumer.close()
        return found

    def offset_for_time(self, topic, p, t):
        consumer = self._consumer("unused")
        found = consumer.offsets_for_times([TopicPartition(topic, p, t)], timeout=WAIT)[0].offset
        consumer.close()
        return found

    def watermarks(self, topic, p):
        consumer = self._consumer("unused")
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=WAIT)
        consumer.close()
        return {"low": low, "high": high}

    def group_consume(self, topic, group, count):
        consumer = self._consumer(group)
        consumer.subscribe([topic])
        found = self._read(consumer, count)
        positions = {}
        for r in found:
            positions[r["p"]] = r["o"] + 1
        consumer.commit(offsets=[TopicPartition(topic, p, o) for p, o in positions.items()], asynchronous=False)
        consumer.close()
        return found

    def committed(self, group, topic, p):
        consumer = self._consumer(group)
        found = consumer.committed([TopicPartition(topic, p)], timeout=WAIT)[0].offset
        consumer.close()
        return found

    def member_open(self, topic, group, strategy, instance=None):
        names = {"eager": "range", "cooperative": "cooperative-sticky"}
        static = {"group.instance.id": instance} if instance else {}
        self.member = self._consumer(
            group,
            **static,
            **{
                "partition.assignment.strategy": names[strategy],
                "session.timeout.ms": 45000,
                "heartbeat.interval.ms": 500,
                "topic.metadata.refresh.interval.ms": 1000,
            },
        )
        self.member.subscribe([topic])

    def member_poll(self, ms):
        found = [m for m in self.member.consume(500, ms / 1000) if not m.error()]
        if found:
            self.member.commit(asynchronous=False)
        return {
            "assigned": [tp.topic + "-" + str(tp.partition) for tp in self.member.assignment()],
            "records": [self._record(m) for m in found],
        }

    def member_close(self):
        self.member.close()
        self.member = None


driver.serve(Confluent(sys.argv[1]))
