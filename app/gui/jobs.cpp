// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/jobs.h"
#include "app/gui/actions.h"
#include "app/gui/dockset.h"
#include "app/gui/networkexport.h"
#include "app/gui/packedwatch.h"
#include "app/gui/posttrainingjob.h"
#include "app/gui/runsession.h"
#include "app/gui/sensitivityjobs.h"
#include "widgets/docks/packeddock.h"
#include "widgets/docks/sensitivitydock.h"
#include <QAction>

namespace app {

Jobs::Jobs(const Parts &parts, const QString &program, QWidget *window) : QObject{window}
{
    const auto &[session, run, parameters, docks, actions] = parts;
    new PackedWatch{session, run, *docks.packed, this};
    new SensitivityJobs{session, run, parameters, program, *docks.sensitivity, this};
    auto *network = new NetworkExport{session, run, program, window};
    connect(actions.exportNetwork, &QAction::triggered, network, &NetworkExport::askExport);
    connect(actions.packNetwork, &QAction::triggered, network, &NetworkExport::askPack);
    docks.packed->addButton(actions.packNetwork);
    connect(network, &NetworkExport::told, this, &Jobs::told);
    connect(network, &NetworkExport::remarked, this, &Jobs::remarked);
    connect(network, &NetworkExport::failed, this, &Jobs::failed);
    auto *curves = new PostTrainingJob{session, run, docks, program, this};
    connect(curves, &PostTrainingJob::told, this, &Jobs::told);
    connect(curves, &PostTrainingJob::failed, this, &Jobs::failed);
}

} // namespace app
