// Drives kafkajs; the same requests and answers as driver.py. NODE_PATH names the folder of the modules.
const readline = require('readline')
const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, AssignerProtocol, logLevel } = require('kafkajs')
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')

const kafka = new Kafka({ clientId: 'kafkajs', brokers: [process.argv[2]], logLevel: logLevel.NOTHING })
const WAIT_MS = 30000
const CODECS = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy }
let member = null
const transactional = new Map()

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const text = buffer => (buffer === null || buffer === undefined ? null : buffer.toString())

async function withAdmin(work) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

function toRecord(partition, message) {
  const headers = {}
  for (const [name, content] of Object.entries(message.headers || {})) headers[name] = text(content)
  return {
    p: partition, o: Number(message.offset), k: text(message.key), v: text(message.value), h: headers,
    t: Number(message.timestamp),
  }
}

// Reads with a group of its own, as kafkajs knows no other way, until `count` records are there.
async function read(topic, group, count, commit) {
  const consumer = kafka.consumer({ groupId: group, heartbeatInterval: 500, sessionTimeout: 45000, maxWaitTimeInMs: 100 })
  const records = []
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      if (records.length < count) records.push(toRecord(partition, message))
    },
  })
  for (const until = Date.now() + WAIT_MS; records.length < count && Date.now() < until; ) await pause(20)
  if (commit) {
    const positions = new Map(records.map(r => [r.p, r.o + 1]))
    await consumer.commitOffsets([...positions].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })))
  }
  await consumer.disconnect()
  return records
}

const operations = {
  version: async () => require('kafkajs/package.json').version,
  create_topic: ({ topic, partitions, configs }) => withAdmin(admin => admin.createTopics({
    topics: [{ topic, numPartitions: partitions, replicationFactor: 1,
      configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })) }],
  })),
  list_topics: () => withAdmin(admin => admin.listTopics()),
  partitions: ({ topic }) => withAdmin(async admin =>
    (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length),
  create_partitions: ({ topic, count }) => withAdmin(admin =>
    admin.createPartitions({ topicPartitions: [{ topic, count }] })),
  delete_topic: ({ topic }) => withAdmin(admin => admin.deleteTopics({ topics: [topic] })),
  topic_config: ({ topic, name }) => withAdmin(async admin => {
    const answer = await admin.describeConfigs({ includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }] })
    return answer.resources[0].configEntries.find(entry => entry.configName === name).configValue
  }),
  set_topic_config: ({ topic, name, value }) => withAdmin(admin => admin.alterConfigs({ validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }] })),
  list_groups: () => withAdmin(async admin => (await admin.listGroups()).groups.map(group => group.groupId)),
  describe_group: ({ group }) => withAdmin(async admin => {
    const found = (await admin.describeGroups([group])).groups[0]
    return { state: found.state, members: found.members.length }
  }),
  delete_group: ({ group }) => withAdmin(admin => admin.deleteGroups([group])),
  delete_records: ({ topic, p, offset }) => withAdmin(async admin => {
    await admin.fetchTopicOffsets(topic) // deleteTopicRecords only knows topics that this admin asked about before
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: p, offset: String(offset) }] })
  }),
  committed: ({ group, topic, p }) => withAdmin(async admin =>
    Number((await admin.fetchOffsets({ groupId: group, topics: [topic] }))[0].partitions
      .find(found => found.partition === p).offset)),
  offset_for_time: ({ topic, p, t }) => withAdmin(async admin =>
    Number((await admin.fetchTopicOffsetsByTimestamp(topic, t)).find(found => found.partition === p).offset)),
  watermarks: ({ topic, p }) => withAdmin(async admin => {
    const found = (await admin.fetchTopicOffsets(topic)).find(offsets => offsets.partition === p)
    return { low: Number(found.low), high: Number(found.high) }
  }),
  produce: async ({ topic, codec, acks, idempotent, records }) => {
    const producer = kafka.producer({ idempotent, maxInFlightRequests: idempotent ? 1 : undefined })
    await producer.connect()
    try {
      await producer.send({ topic, acks: acks === 'all' ? -1 : Number(acks), compression: CODECS[codec],
        messages: records.map(r => ({ key: r.k, value: r.v, partition: r.p, headers: r.h,
          timestamp: r.t === undefined ? undefined : String(r.t) })) })
    } finally {
      await producer.disconnect()
    }
  },
  txn_begin: async ({ id, topic, records }) => {
    if (!transactional.has(id)) {
      const producer = kafka.producer({ transactionalId: id, maxInFlightRequests: 1, idempotent: true })
      await producer.connect()
      transactional.set(id, { producer })
    }
    const own = transactional.get(id)
    own.open = await own.producer.transaction()
    await own.open.send({ topic, messages: records.map(r => ({ key: r.k, value: r.v, partition: r.p, headers: r.h })) })
  },
  txn_end: async ({ id, commit, topic, group, offset }) => {
    const { open } = transactional.get(id)
    await open.sendOffsets({ consumerGroupId: group,
      topics: [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }] })
    if (commit) await open.commit()
    else await open.abort()
  },
  consume: ({ topic, count }) => read(topic, 'kafkajs-' + topic + '-' + Date.now(), count, false),
  group_consume: ({ topic, group, count }) => read(topic, group, count, true),
  member_open: async ({ topic, group }) => {
    const consumer = kafka.consumer({ groupId: group, heartbeatInterval: 300, sessionTimeout: 45000,
      maxWaitTimeInMs: 100, metadataMaxAge: 1000 })
    member = { consumer, assigned: [], records: [] }
    const own = member
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      own.assigned = Object.entries(payload.memberAssignment).flatMap(([name, ids]) => ids.map(id => name + '-' + id))
    })
    consumer.on(consumer.events.REBALANCING, () => { own.assigned = [] })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ eachMessage: async ({ partition, message }) => own.records.push(toRecord(partition, message)) })
  },
  member_poll: async ({ ms }) => {
    await pause(ms)
    return { assigned: member.assigned, records: member.records.splice(0) }
  },
  member_close: async () => {
    await member.consumer.disconnect()
    member = null
  },
}

let queue = Promise.resolve()
readline.createInterface({ input: process.stdin }).on('line', line => {
  queue = queue.then(async () => {
    const request = JSON.parse(line)
    let answer
    try {
      const result = await operations[request.op](request)
      answer = { ok: result === undefined ? null : result }
    } catch (e) {
      console.error(e)
      answer = { error: e.name + ': ' + e.message }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
  })
}).on('close', () => queue.then(() => process.exit(0)))
