package dev.jdist.client.cache.storage;

import dev.jdist.client.testing.FakeStorage;
import dev.jdist.client.testing.FakeStorage.Answers;

/** The storage of other tests is one itself, even if it answers on another thread. */
class FakeStorageTest extends StorageContract {
    private final FakeStorage storage = new FakeStorage(true);

    @Override
    Storage open() {
        storage.reads = Answers.LATER;
        storage.writes = Answers.LATER;
        return storage;
    }
}
