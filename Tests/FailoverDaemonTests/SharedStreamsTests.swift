import FailoverControl
import FailoverPublish
import Testing

@testable import FailoverDaemon

@Suite struct SharedStreamsTests {
    @Test func theControlSocketKeepsStreamsAndTwoHundredPagesFit() {
        #expect(PageQuota.streams >= 200)
        #expect(EventLog.maximumFollowers - PageQuota.streams == 48)
    }
}
