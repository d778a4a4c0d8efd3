// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/views/workloads_card.h"

#include "app/desktop/views/icons.h"
#include "app/desktop/views/safe_text.h"
#include "app/desktop/views/theme.h"

#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QStyle>
#include <QVBoxLayout>

#include <cmath>

namespace millrace::desktop {

namespace {

constexpr int kMaxCount = 10'000'000;
constexpr double kMaxRate = 1'000'000;

QString knobText(const handlers::Knob& knob, double value)
{
    using Unit = handlers::Knob::Unit;
    const QLocale locale;
    switch (knob.unit) {
    //: %1 is a number between 0 and 100.
    case Unit::Percent: return WorkloadCard::tr("%1 %").arg(locale.toString(value * 100, 'f', knob.step < 0.01 ? 1 : 0));
    case Unit::Milliseconds: return formatMilliseconds(value);
    case Unit::PerSecond: return formatRate(value);
    case Unit::Count: return locale.toString(value, 'f', 0);
    }
    return {};
}

/// A rate below one has a decimal; the others are not shown with one.
class RateBox : public QDoubleSpinBox
{
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    [[nodiscard]] QString textFromValue(double value) const override
    {
        const bool isWhole = std::abs(value - std::round(value)) < 0.05;
        return locale().toString(value, 'f', isWhole ? 0 : 1);
    }
};

QFrame* makeLine(QWidget* parent)
{
    auto* line = new QFrame(parent);
    line->setProperty("look", QStringLiteral("line"));
    line->setFixedHeight(1);
    return line;
}

PlainLabel* makeCaption(const QString& text, QWidget* parent)
{
    auto* label = new PlainLabel(text, parent);
    label->setProperty("look", QStringLiteral("muted"));
    return label;
}

} // namespace

WorkloadCard::WorkloadCard(WorkloadCardModel* model, QWidget* parent)
    : QFrame(parent)
    , m_model(model)
{
    setProperty("look", QStringLiteral("card"));
    setMinimumWidth(36 * kGrid);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2 * kGrid, 2 * kGrid, 2 * kGrid, 2 * kGrid);
    column->setSpacing(kGrid + kHalfGrid);
    buildHead(column);
    buildProgress(column);
    column->addWidget(makeLine(this));
    buildFolder(column);
    buildProfile(column);
    buildKnobs(column);
    // Last, so that nothing moves when it comes.
    m_error = new PlainLabel(this);
    m_error->setProperty("look", QStringLiteral("error"));
    m_error->setFont(Theme::font(TextSize::Small));
    m_error->setWordWrap(true);
    m_error->hide();
    column->addWidget(m_error);
    m_repaint.setSingleShot(true);
    m_repaint.setInterval(100);
    connect(&m_repaint, &QTimer::timeout, this, &WorkloadCard::refresh);
    connect(model, &WorkloadCardModel::changed, this, &WorkloadCard::onChanged);
    refresh();
}

void WorkloadCard::buildHead(QVBoxLayout* column)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(kGrid + 2);
    auto* sign = new QLabel(this);
    const QString id = m_model->workload()->id();
    const QLatin1String name(id == QLatin1String("images") ? "images"
                                 : id == QLatin1String("checkout") ? "checkout"
                                 : id == QLatin1String("earthquakes") ? "earthquakes"
                                                                      : "workloads");
    const auto drawSign = [sign, name] {
        sign->setPixmap(icon(name, Token::Accent).pixmap(QSize(22, 22), sign->devicePixelRatioF()));
    };
    drawSign();
    connect(&Theme::instance(), &Theme::themeChanged, sign, drawSign);
    row->addWidget(sign);
    auto* title = new PlainLabel(m_model->workload()->title(), this);
    QFont bold = Theme::font(TextSize::Body);
    bold.setPointSizeF(bold.pointSizeF() + 1);
    bold.setBold(true);
    title->setFont(bold);
    row->addWidget(title, 1);
    m_start = new QPushButton(this);
    m_start->setMinimumWidth(11 * kGrid);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_model->phase() == WorkloadCardModel::Phase::Submitting)
            m_model->stop();
        else
            m_model->start();
    });
    row->addWidget(m_start);
    column->addLayout(row);
    auto* description = makeCaption(m_model->workload()->description(), this);
    description->setWordWrap(true);
    description->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    description->setMinimumHeight(description->fontMetrics().lineSpacing() * 4);
    column->addWidget(description);
}

void WorkloadCard::buildProgress(QVBoxLayout* column)
{
    m_bar = new QProgressBar(this);
    m_bar->setTextVisible(false);
    m_bar->setRange(0, 1000);
    m_bar->setAccessibleName(tr("Progress"));
    column->addWidget(m_bar);
    m_status = new PlainLabel(this);
    m_status->setElide(PlainLabel::Elide::Right);
    column->addWidget(m_status);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(kGrid);
    grid->setVerticalSpacing(2);
    const QStringList names{tr("submitted"), tr("acknowledged"), tr("retried"), tr("dead")};
    for (int i = 0; i < names.size(); ++i) {
        auto* figure = new PlainLabel(this);
        QFont font = Theme::font(TextSize::Body);
        font.setPointSizeF(font.pointSizeF() + 2);
        font.setWeight(QFont::DemiBold);
        figure->setFont(font);
        m_figures << figure;
        auto* caption = makeCaption(names[i], this);
        caption->setFont(Theme::font(TextSize::Small));
        grid->addWidget(figure, 0, i);
        grid->addWidget(caption, 1, i);
        grid->setColumnStretch(i, 1);
    }
    column->addLayout(grid);
}

void WorkloadCard::buildFolder(QVBoxLayout* column)
{
    if (!m_model->takesFolder())
        return;
    auto* row = new QHBoxLayout;
    row->setSpacing(kGrid);
    m_folder = new PlainLabel(this);
    m_folder->setElide(PlainLabel::Elide::Middle);
    row->addWidget(m_folder, 1);
    auto* choose = new QPushButton(icon(QLatin1String("folder")), tr("Folder…"), this);
    connect(choose, &QPushButton::clicked, this, &WorkloadCard::chooseFolder);
    row->addWidget(choose);
    column->addLayout(row);
    showFolder();
}

void WorkloadCard::showFolder()
{
    const QString folder = m_model->folder();
    m_folder->setText(folder.isEmpty() ? tr("200 sample pictures") : folder);
}

void WorkloadCard::chooseFolder()
{
    auto* dialog = new QFileDialog(this, tr("Pictures to make thumbnails of"), m_model->folder());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) {
        m_model->setFolder(folder);
        showFolder();
    });
    dialog->open();
}

void WorkloadCard::buildProfile(QVBoxLayout* column)
{
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(kGrid);
    grid->setVerticalSpacing(kHalfGrid);
    m_count = new QSpinBox(this);
    m_count->setRange(0, kMaxCount);
    //: Number of messages: as many as there are pictures or events.
    m_count->setSpecialValueText(tr("all"));
    m_rate = new RateBox(this);
    m_rate->setDecimals(1);
    m_rate->setRange(0, kMaxRate);
    //: Rate: as fast as possible.
    m_rate->setSpecialValueText(tr("unlimited"));
    m_burst = new QSpinBox(this);
    m_burst->setRange(1, 10'000);
    int place = 0;
    const auto add = [&](const QString& name, QAbstractSpinBox* box) {
        box->setGroupSeparatorShown(true);
        box->setAccessibleName(name);
        box->setMinimumWidth(10 * kGrid);
        auto* caption = makeCaption(name, this);
        caption->setFont(Theme::font(TextSize::Small));
        caption->setBuddy(box);
        grid->addWidget(caption, 0, place);
        grid->addWidget(box, 1, place);
        grid->setColumnStretch(place++, 1);
    };
    add(tr("Count"), m_count);
    add(tr("Rate per second"), m_rate);
    add(tr("Burst"), m_burst);
    setPlainToolTip(m_burst, tr("So many are submitted together; the rate is kept on average."));
    column->addLayout(grid);
    showProfile();
    connect(m_model, &WorkloadCardModel::profileChanged, this, &WorkloadCard::showProfile);
    connect(m_count, &QSpinBox::valueChanged, this, &WorkloadCard::takeProfile);
    connect(m_rate, &QDoubleSpinBox::valueChanged, this, &WorkloadCard::takeProfile);
    connect(m_burst, &QSpinBox::valueChanged, this, &WorkloadCard::takeProfile);
}

void WorkloadCard::takeProfile()
{
    handlers::LoadProfile profile;
    profile.count = std::uint64_t(m_count->value());
    profile.ratePerSecond = m_rate->value();
    profile.burst = std::uint32_t(m_burst->value());
    m_model->setProfile(profile);
}

void WorkloadCard::showProfile()
{
    const auto profile = m_model->profile();
    const QSignalBlocker count(m_count), rate(m_rate), burst(m_burst);
    m_count->setValue(int(std::min<std::uint64_t>(profile.count, kMaxCount)));
    m_rate->setValue(profile.ratePerSecond);
    m_burst->setValue(int(profile.burst));
}

void WorkloadCard::buildKnobs(QVBoxLayout* column)
{
    const auto knobs = m_model->workload()->knobs();
    if (knobs.isEmpty())
        return;
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(kGrid + kHalfGrid);
    grid->setVerticalSpacing(kGrid);
    grid->setColumnStretch(1, 1);
    for (int row = 0; row < knobs.size(); ++row)
        addKnob(grid, row, knobs[row]);
    column->addLayout(grid);
}

void WorkloadCard::addKnob(QGridLayout* grid, int row, const handlers::Knob& knob)
{
    const QString label = m_model->workload()->knobLabel(knob.key);
    auto* caption = makeCaption(label, this);
    auto* slider = new QSlider(Qt::Horizontal, this);
    const double step = knob.step > 0 ? knob.step : (knob.maximum - knob.minimum) / 100;
    const int steps = std::max(1, int(std::lround((knob.maximum - knob.minimum) / step)));
    slider->setRange(0, steps);
    slider->setPageStep(std::max(1, steps / 10));
    slider->setValue(int(std::lround((knob.value - knob.minimum) / step)));
    slider->setAccessibleName(label);
    auto* value = new PlainLabel(knobText(knob, knob.value), this);
    value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    value->setMinimumWidth(value->fontMetrics().horizontalAdvance(QStringLiteral("0,000 ms")));
    caption->setBuddy(slider);
    grid->addWidget(caption, row, 0);
    grid->addWidget(slider, row, 1);
    grid->addWidget(value, row, 2);
    connect(slider, &QSlider::valueChanged, this, [this, knob, value, step](int position) {
        const double chosen = std::min(knob.minimum + position * step, knob.maximum);
        value->setText(knobText(knob, chosen));
        if (m_model->workload())
            m_model->workload()->setKnob(knob.key, chosen);
    });
}

void WorkloadCard::setLive(bool live)
{
    m_live = live;
    if (live)
        refresh();
    else
        m_repaint.stop();
}

void WorkloadCard::onChanged()
{
    if (m_live && !m_repaint.isActive())
        m_repaint.start();
}

QString WorkloadCard::phaseText(const WorkloadCardModel::Counts& counts) const
{
    using Phase = WorkloadCardModel::Phase;
    switch (m_model->phase()) {
    case Phase::Waiting: return tr("Waits for the pipeline");
    case Phase::Preparing: return tr("Prepares its input and workers…");
    case Phase::Failed: return tr("Could not be prepared");
    case Phase::Submitting:
        if (counts.planned == 0)
            return tr("Prepares its input…");
        return tr("Submits %1 of %2").arg(formatCount(counts.begun), formatCount(counts.planned));
    case Phase::Working: return tr("%1 still in its queues").arg(formatCount(counts.waiting));
    case Phase::Idle: break;
    }
    if (counts.submitted == 0)
        return tr("Ready to start");
    return tr("All settled");
}

void WorkloadCard::refresh()
{
    using Phase = WorkloadCardModel::Phase;
    const auto counts = m_model->counts();
    const Phase phase = m_model->phase();
    const bool isSubmitting = phase == Phase::Submitting;
    m_start->setText(isSubmitting ? tr("Stop") : tr("Start"));
    m_start->setIcon(isSubmitting ? icon(QLatin1String("stop")) : icon(QLatin1String("play"), Token::OnAccent));
    const QString look = isSubmitting ? QString() : QStringLiteral("primary");
    if (m_start->property("look").toString() != look) {
        m_start->setProperty("look", look);
        m_start->style()->unpolish(m_start);
        m_start->style()->polish(m_start);
    }
    m_start->setEnabled(phase != Phase::Waiting);
    //: For screen readers: %1 is Start or Stop, %2 the title of a workload.
    m_start->setAccessibleName(tr("%1 %2").arg(m_start->text(), m_model->workload()->title()));
    m_bar->setValue(int(m_model->progress() * 1000));
    m_status->setText(phaseText(counts));
    m_figures[0]->setText(formatCount(counts.submitted));
    m_figures[1]->setText(formatCount(counts.acknowledged));
    m_figures[2]->setText(formatCount(counts.retried));
    m_figures[3]->setText(formatCount(counts.dead));
    const QString error = m_model->error();
    m_error->setText(error);
    m_error->setVisible(!error.isEmpty());
}

QString WorkloadCard::statusText() const
{
    return m_status->fullText();
}

QString WorkloadCard::figureText(int index) const
{
    return m_figures[index]->fullText();
}

QString WorkloadCard::errorText() const
{
    return m_error->isHidden() ? QString() : m_error->fullText();
}

} // namespace millrace::desktop
